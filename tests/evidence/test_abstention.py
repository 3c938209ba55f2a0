"""Who answers less is right more often, and it is told by how much."""

import numpy as np
import pytest

from tests.answers import make_predictions
from threeway.evidence.abstention import (
    MOST_POINTS,
    SHARES,
    abstain,
    estimate_answered,
    follow_abstention,
    rank_by_sureness,
)
from threeway.evidence.uncertainty import estimate_accuracy, estimate_share, score_answers


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
    assert {one.scenario for one in found} == {"fine_tuning"}
    estimate, low, high = estimate_accuracy(answers)
    told = (found[0].accuracy, found[0].low, found[0].high)
    assert told == pytest.approx((estimate.mean, low, high), abs=1e-12)
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
    assert (curves["scenario"] == "baseline_cnn").sum() == MOST_POINTS
    assert curves.index.is_unique
    few = follow_abstention({"fine_tuning": make_answers(3)})
    assert few["share"].tolist() == [1]


def test_each_network_answers_what_it_is_surest_of_itself():
    """Not what several are surest of together: one of them is taken home."""
    probabilities = np.array(
        [
            [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]],
            [[0.4, 0.6], [0.8, 0.2], [0.05, 0.95], [0.7, 0.3]],
        ]
    )
    answers = make_predictions(["a", "b"], np.zeros(4, int), probabilities)
    assert rank_by_sureness(answers).tolist() == [[0, 1, 2, 3], [2, 1, 3, 0]]
    shares = {one.share: one.accuracy for one in abstain({"fine_tuning": answers})}
    # Of two images the first pass has two right, and the second one.
    assert shares[0.5] == pytest.approx(0.75)
    assert shares[1.0] == pytest.approx(0.5)


def test_one_image_is_answered_at_least():
    assert [one.images for one in abstain({"fine_tuning": make_answers(2)})] == [2, 2, 2, 1, 1]


def test_as_few_are_answered_so_wide_is_the_interval():
    """As wide as that of so many images that are all there are."""
    answers = make_answers(2000)
    order, count = rank_by_sureness(answers), 600
    accuracy, low, high = estimate_answered(answers, order, count)
    chosen = np.zeros(2000, bool)
    chosen[order[0, :count]] = True
    estimate, chosen_low, chosen_high = estimate_accuracy(answers, chosen)
    assert accuracy == pytest.approx(estimate.mean)
    assert (low, high) == pytest.approx((chosen_low, chosen_high), abs=0.003)
    perfect = make_predictions(["a", "b"], np.zeros(200, int), np.tile([0.9, 0.1], (2, 200, 1)))
    tenth = estimate_answered(perfect, rank_by_sureness(perfect), 20)
    alone = make_predictions(["a", "b"], np.zeros(20, int), np.tile([0.9, 0.1], (2, 20, 1)))
    assert tenth[0] == tenth[2] == 1
    _, expected, _ = estimate_accuracy(alone)
    assert tenth[1] == pytest.approx(expected, abs=0.03)
    assert tenth[1] < estimate_accuracy(perfect)[1] - 0.05


def test_what_is_not_answered_adds_nothing_to_its_own_pass():
    # One network is right wherever it answers, and the other wrong: no image of either stands out.
    sure = np.where(np.arange(40) < 20, 0.9, 0.6)
    probabilities = np.stack(
        [np.stack([sure, 1 - sure], axis=1), np.stack([1 - sure, sure], axis=1)]
    )
    answers = make_predictions(["a", "b"], np.zeros(40, int), probabilities)
    alike = score_answers(np.repeat([[1.0], [0.0]], 40, axis=1), answers, (-0.5, 1.5))
    found = estimate_answered(answers, rank_by_sureness(answers), 20)
    assert found == pytest.approx((0.5, *estimate_share(alike)[1:]))
