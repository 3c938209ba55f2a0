"""Who answers less is right more often, and it is told by how much."""

import numpy as np
import pytest

from tests.answers import make_predictions
from threeway.evidence.abstention import MOST_POINTS, SHARES, abstain, follow_abstention
from threeway.evidence.uncertainty import estimate_accuracy


def make_answers(num_images: int = 1000, passes: int = 1):
    """Makes answers that are right as often as they are sure."""
    rng = np.random.default_rng(2)
    sure = 0.5 + rng.random((passes, num_images)) / 2
    right = rng.random((passes, num_images)) < sure
    first = np.where(right, sure, 1 - sure)
    probabilities = np.stack([first, 1 - first], axis=2)
    folds = np.arange(num_images) % 5 + 1
    return make_predictions(["a", "b"], np.zeros(num_images, int), probabilities, folds)


def test_the_surest_are_answered_first():
    answers = make_answers()
    found = abstain({"fine_tuning": answers})
    assert [one.share for one in found] == [*SHARES]
    assert [one.images for one in found] == [1000, 900, 800, 700, 500]
    estimate, low, high = estimate_accuracy(answers)
    assert (found[0].accuracy, found[0].low, found[0].high) == (estimate.mean, low, high)
    sureness = answers.probabilities[0].max(axis=1)
    surest = sureness >= np.quantile(sureness, 0.5)
    assert found[-1].accuracy == pytest.approx(answers.correct[0][surest].mean())
    assert found[-1].accuracy > 0.8 > found[0].accuracy
    assert all(one.low < one.accuracy < one.high for one in found)


def test_the_curve_ends_at_the_accuracy_and_begins_with_a_handful():
    answers = {"baseline_cnn": make_answers(), "fine_tuning": make_answers(30, passes=2)}
    curves = follow_abstention(answers)
    for scenario, own in answers.items():
        curve = curves[curves["scenario"] == scenario]
        assert len(curve) <= MOST_POINTS
        assert curve["share"].is_monotonic_increasing
        assert curve["share"].iloc[-1] == 1
        assert curve["share"].iloc[0] == 20 / len(own.images)
        assert curve["accuracy"].iloc[-1] == pytest.approx(own.correct.mean())
    few = follow_abstention({"fine_tuning": make_answers(3)})
    assert few["share"].tolist() == [1]
