"""ROC, precision-recall and their figures are scikit-learn's, with intervals that hold."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from tests.answers import make_predictions
from threeway.evidence.ranking import (
    MOST_CURVES,
    MOST_POINTS,
    bound_figure,
    choose_curves,
    count_rarer,
    linearise_auc,
    linearise_average_precision,
    tabulate_curves,
    tabulate_ranking,
    tabulate_two,
    thin,
)
from threeway.evidence.uncertainty import (
    bound_accuracy,
    estimate_accuracy,
    estimate_mean,
    score_answers,
)

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
    for curves in tabulate_curves(found, tabulate_ranking(found)):
        assert {*curves["class"]} == {"a", "b"}
    alone = make_predictions(["a", "b"], np.zeros(9, int), np.tile([0.6, 0.4], (1, 9, 1)))
    rows = tabulate_ranking({"fine_tuning": alone})
    assert rows["auc"].isna().all()
    roc, precision_recall = tabulate_curves({"fine_tuning": alone}, rows)
    assert roc.empty
    assert precision_recall.empty
    # Whoever draws none looks for these columns.
    own = ["scenario", "class"]
    assert [*roc] == [*own, "false_positive_rate", "true_positive_rate"]
    assert [*precision_recall] == [*own, "recall", "precision"]


def test_curves_are_thin_and_keep_their_area():
    answers = make_answers(["a", "b"], count=6000, skill=1.0)
    found = {"fine_tuning": answers}
    roc, precision_recall = tabulate_curves(found, tabulate_ranking(found))
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
    assert (row["scenario"], row["positive"]) == ("fine_tuning", "sick")
    sick = answers.actual == 1
    assert row["sensitivity"] == pytest.approx(answers.correct[0][sick].mean())
    assert row["specificity"] == pytest.approx(answers.correct[0][~sick].mean())
    _, low, high = estimate_accuracy(answers, ~sick)
    assert (row["specificity_low"], row["specificity_high"]) == (low, high)
    assert tabulate_two({"fine_tuning": make_answers(["a", "b", "c"])}).empty
    alone = make_predictions(["a", "b"], np.zeros(9, int), np.tile([0.6, 0.4], (1, 9, 1)))
    assert tabulate_two({"fine_tuning": alone}).empty


@pytest.mark.parametrize("share", [0.0125, 0.025, 0.25])
@pytest.mark.parametrize("linearise", FIGURES)
def test_intervals_hold_what_they_promise_for_classes_of_any_size(linearise, share):
    """Of 5, 10 and 100 images among 400, ranked almost perfectly: of small ones often all
    stand first.
    """
    distance, rng = 3.2, np.random.default_rng(1)
    large = rng.random(500_000) < share
    truth = FIGURES[linearise](large, rng.normal(large * distance, 1))
    held = []
    for _ in range(120):
        positive = rng.random(400) < share
        positive[0] = True
        values = linearise(rng.normal(positive * distance, 1), positive)[None]
        none = np.zeros((1, 400, 2))
        answers = make_predictions(["a", "b"], positive.astype(int), none, np.arange(400) % 5 + 1)
        figure, low, high = bound_figure(values, answers, count_rarer(answers, 1))
        assert 0 <= low <= figure <= high <= 1
        # Only where all is right nothing can be better.
        assert high > figure or figure == pytest.approx(1)
        held.append(low <= truth <= high)
    assert np.mean(held) >= 0.93


def test_of_a_class_of_one_image_nothing_is_sure():
    actual = np.zeros(300, int)
    actual[7] = 1
    one = make_predictions(["a", "b"], actual, np.eye(2)[actual][None] * 0.8 + 0.1)
    rows = tabulate_ranking({"fine_tuning": one}).set_index(["of", "class"])
    assert rows.loc[("class", "b"), "auc"] == 1
    assert rows.loc[("class", "b"), "auc_low"] < 0.2


def test_a_figure_is_bounded_by_its_rarer_side_by_hand():
    answers = make_answers(["a", "b"], count=40)
    values = linearise_auc(answers.probabilities[0, :, 1], answers.actual == 1)[None]
    figure, low, high = bound_figure(values, answers, 4)
    # Of 40 groups 4: pseudo-groups weigh the root of ten, and Student's t has three degrees.
    limits = figure - 10**0.5 * figure, figure + 10**0.5 * (1 - figure)
    estimate = replace(estimate_mean(score_answers(values, answers, limits)), freedom=3)
    assert (figure, low, high) == (values.mean(), *bound_accuracy(estimate))


def test_the_rarer_side_is_counted_by_groups():
    groups = ["one", "one", "one", "two", "three", "four", "five"]
    answers = make_predictions(
        ["a", "b"], np.array([0, 0, 0, 0, 1, 1, 1]), np.zeros((1, 7, 2)), groups=groups
    )
    assert count_rarer(answers, 0) == count_rarer(answers, 1) == 2


def test_images_that_depend_on_each_other_tell_less():
    rng = np.random.default_rng(4)
    actual = np.arange(40) % 2
    scores = rng.normal(actual, 1)
    probabilities = np.stack([-scores, scores], axis=1)
    probabilities = softmax(probabilities, axis=1).repeat(5, axis=0)[None]
    apart, together = (
        tabulate_ranking(
            {"x": make_predictions(["a", "b"], actual.repeat(5), probabilities, groups=groups)}
        )
        for groups in (None, np.arange(200) // 5)
    )
    widths = [(rows["auc_high"] - rows["auc_low"]).iloc[0] for rows in (apart, together)]
    assert widths[1] > 1.8 * widths[0]


def test_of_many_classes_the_worst_are_drawn_in_all_scenarios():
    names = [f"{number:02d}" for number in range(40)]
    found = {name: make_answers(names, skill=skill) for name, skill in (("x", 1.0), ("y", 2.0))}
    ranking = tabulate_ranking(found)
    chosen = choose_curves(ranking)
    assert len(chosen) == MOST_CURVES
    means = ranking[ranking["of"] == "class"].groupby("class")["auc"].mean()
    assert means[[*chosen]].max() <= means.drop([*chosen]).min()
    for curves in tabulate_curves(found, ranking):
        assert {*curves["class"]} == chosen
        assert list(curves["scenario"].unique()) == ["x", "y"]
        assert curves.groupby(["scenario", "class"]).size().max() <= MOST_POINTS


def test_curves_are_of_the_mean_probability_over_passes():
    answers = make_answers(["a", "b"], seeds=3, skill=0.5)
    found = {"x": answers}
    roc, _ = tabulate_curves(found, tabulate_ranking(found))
    curve = roc[roc["class"] == "b"]
    area = auc(curve["false_positive_rate"], curve["true_positive_rate"])
    together = answers.probabilities[:, :, 1].mean(axis=0)
    assert area == pytest.approx(roc_auc_score(answers.actual == 1, together), abs=2e-3)
    assert area > roc_auc_score(answers.actual == 1, answers.probabilities[0, :, 1]) + 0.02
