"""ROC, precision-recall and their figures are scikit-learn's, with intervals that hold."""

import math

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from tests.answers import make_predictions
from threeway.evidence.ranking import (
    MOST_POINTS,
    linearise_auc,
    linearise_average_precision,
    tabulate_curves,
    tabulate_ranking,
    tabulate_two,
    thin,
)
from threeway.evidence.uncertainty import estimate_accuracy

FIGURES = {linearise_auc: roc_auc_score, linearise_average_precision: average_precision_score}


def draw(count: int, seed: int, share: float = 0.3, digits: int = 9) -> tuple:
    """Draws scores of images, some of which are positive and score higher: with ties where digits
    are few.
    """
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < share
    positive[:2] = True, False
    return np.round(rng.normal(positive * 1.2, 1), digits), positive


def make_answers(classes: list[str], count: int = 400, seeds: int = 1, skill: float = 2.0):
    rng = np.random.default_rng(5)
    actual = np.arange(count) % len(classes)
    logits = rng.normal(0, 1, (seeds, count, len(classes)))
    logits[:, np.arange(count), actual] += skill
    folds = np.arange(count) // len(classes) % 5 + 1
    return make_predictions(classes, actual, softmax(logits, axis=2), folds)


@pytest.mark.parametrize("digits", [9, 0])
@pytest.mark.parametrize("linearise", FIGURES)
def test_what_images_add_has_the_figure_as_its_mean(linearise, digits):
    for seed in range(5):
        scores, positive = draw(150, seed, digits=digits)
        expected = FIGURES[linearise](positive, scores)
        assert linearise(scores, positive).mean() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("linearise", FIGURES)
def test_what_images_add_varies_as_the_figure_does(linearise):
    """By the spread of the figure over samples that are drawn anew."""
    found = [FIGURES[linearise](*reversed(draw(400, seed))) for seed in range(600)]
    told = [linearise(*draw(400, seed)).var(ddof=1) / 400 for seed in range(60)]
    assert np.sqrt(np.mean(told)) == pytest.approx(np.std(found), rel=0.1)


def test_by_hand():
    scores, positive = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False])
    # One of two negatives is above one of two positives.
    assert linearise_auc(scores, positive).mean() == 0.75
    assert linearise_average_precision(scores, positive).mean() == pytest.approx((1 + 2 / 3) / 2)
    # The positive image in third place and the negative one before it hold the area back.
    assert linearise_auc(scores, positive).tolist() == [1.25, 0.25, 0.25, 1.25]


def test_figures_are_those_of_scikit_learn_mean_over_passes():
    classes = ["mean", "b", "c"]
    answers = make_answers(classes, seeds=2)
    table = tabulate_ranking({"fine_tuning": answers}).set_index(["of", "class"])
    for label, name in enumerate(classes):
        row = table.loc[("class", name)]
        for column, score in (
            ("auc", roc_auc_score),
            ("average_precision", average_precision_score),
        ):
            own = [score(answers.actual == label, one[:, label]) for one in answers.probabilities]
            assert row[column] == pytest.approx(np.mean(own))
            assert row[f"{column}_low"] < row[column] < row[f"{column}_high"]
    mean = table.loc[("mean", "")]
    assert mean["auc"] == pytest.approx(table.loc["class"]["auc"].mean())
    # Of all classes more is known than of one.
    width = table["auc_high"] - table["auc_low"]
    assert width["mean"].iloc[0] < width["class"].min()


def test_who_ranks_perfectly_has_no_point_for_an_interval():
    actual = np.arange(60) % 2
    perfect = make_predictions(["a", "b"], actual, np.eye(2)[actual][None] * 0.8 + 0.1)
    rows = tabulate_ranking({"fine_tuning": perfect})
    assert (rows["auc"] == 1).all()
    assert rows["auc_low"].between(0.85, 0.999).all()
    assert (rows["average_precision"] == 1).all()


def test_a_class_without_images_has_no_figure_and_no_curve():
    answers = make_answers(["a", "b"])
    none = np.concatenate([answers.probabilities, np.zeros((1, 400, 1))], axis=2)
    found = {"fine_tuning": make_predictions(["a", "b", "c"], answers.actual, none)}
    rows = tabulate_ranking(found).set_index(["of", "class"])
    assert math.isnan(rows.loc[("class", "c"), "auc"])
    assert rows.loc[("mean", ""), "auc"] == pytest.approx(rows.loc["class"]["auc"][:2].mean())
    for curves in tabulate_curves(found):
        assert {*curves["class"]} == {"a", "b"}
    alone = make_predictions(["a", "b"], np.zeros(9, int), np.tile([0.6, 0.4], (1, 9, 1)))
    rows = tabulate_ranking({"fine_tuning": alone})
    assert rows["auc"].isna().all()
    assert all(curves.empty for curves in tabulate_curves({"fine_tuning": alone}))


def test_curves_are_thin_and_keep_their_area():
    answers = make_answers(["a", "b"], count=6000, skill=1.0)
    roc, precision_recall = tabulate_curves({"fine_tuning": answers})
    curve = roc[roc["class"] == "b"]
    assert 50 < len(curve) <= MOST_POINTS
    area = auc(curve["false_positive_rate"], curve["true_positive_rate"])
    expected = roc_auc_score(answers.actual == 1, answers.probabilities[0, :, 1])
    assert area == pytest.approx(expected, abs=2e-3)
    curve = precision_recall[precision_recall["class"] == "b"]
    assert len(curve) <= MOST_POINTS
    assert curve["recall"].is_monotonic_increasing
    expected = average_precision_score(answers.actual == 1, answers.probabilities[0, :, 1])
    assert auc(curve["recall"], curve["precision"]) == pytest.approx(expected, abs=5e-3)


def test_a_curve_keeps_its_ends_and_corners():
    x, y = thin(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0]))
    assert x.tolist() == [0, 0, 1]
    assert y.tolist() == [0, 1, 1]


def test_of_two_classes_the_second_is_found_or_not():
    answers = make_answers(["healthy", "sick"], skill=1.0)
    [row] = tabulate_two({"fine_tuning": answers}).to_dict("records")
    assert row["positive"] == "sick"
    sick = answers.actual == 1
    assert row["sensitivity"] == pytest.approx(answers.correct[0][sick].mean())
    assert row["specificity"] == pytest.approx(answers.correct[0][~sick].mean())
    _, low, high = estimate_accuracy(answers, ~sick)
    assert (row["specificity_low"], row["specificity_high"]) == (low, high)
    assert tabulate_two({"fine_tuning": make_answers(["a", "b", "c"])}).empty
    alone = make_predictions(["a", "b"], np.zeros(9, int), np.tile([0.6, 0.4], (1, 9, 1)))
    assert tabulate_two({"fine_tuning": alone}).empty
