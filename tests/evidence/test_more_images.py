"""What runs on shares of the images answered, set beside those on all, and told in words."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.answers import make_answers
from threeway.evidence.answers import Predictions, read_rows
from threeway.evidence.growth import Curve, Forecast, Reason, Size, forecast
from threeway.evidence.more_images import (
    Growth,
    Point,
    describe_crossings,
    describe_growth,
    describe_growths,
    follow_growth,
    score_marks,
)
from threeway.evidence.uncertainty import ACCURACY_RANGE, estimate_accuracy, score_answers
from threeway.predictions import join_predictions, mark_answers, tabulate, write_predictions
from threeway.run import Run

COLUMNS = ["scenario", "share", "trained_on", "fold", "seed", "image", "group", "correct"]
FOLDS = np.arange(200) % 5 + 1


def mark(answers: Predictions, scenario: str, share: float, seed: int = 1) -> pd.DataFrame:
    """Marks answers as learning_curve.csv has them, of folds that have other numbers of images."""
    rows = [
        (scenario, share, 100 * share + fold, fold, seed, image, group, int(right))
        for folds, correct in zip(answers.folds, answers.correct, strict=True)
        for fold, image, group, right in zip(
            folds, answers.images, answers.groups, correct, strict=True
        )
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def right(count: int) -> np.ndarray:
    """Says which of 200 images are right: all but the last."""
    return np.arange(200) < count


def test_marks_are_set_beside_answers_by_fold_and_image_in_whatever_order():
    rng = np.random.default_rng(0)
    folds = np.stack([rng.permutation(12) % 3 + 1, rng.permutation(12) % 3 + 4])
    groups = np.array([*"aabbccddeeff"])
    answers = make_answers(rng.random((2, 12)) < 0.5, folds, groups, repeats=2)
    others = make_answers(rng.random((2, 12)) < 0.5, folds, groups, repeats=2)
    expected = score_answers(others.correct, others, ACCURACY_RANGE)
    marks = mark(others, "any", 0.5)
    for table in (marks, marks.sample(frac=1, random_state=1), marks[::-1]):
        found = score_marks(table, answers)
        for field, value in vars(expected).items():
            assert np.array_equal(getattr(found, field), value), field
    assert not np.array_equal(found.values, answers.correct.ravel())


def test_an_image_that_no_run_answered_is_an_error():
    answers = make_answers(right(150), FOLDS)
    with pytest.raises(KeyError):
        score_marks(mark(answers, "any", 0.5).iloc[1:], answers)


def test_growth_is_over_shares_and_all_images_of_the_same_seed():
    whole = np.stack([right(190), right(10)])
    answers = {"baseline_cnn": make_answers(whole, FOLDS), "fine_tuning": make_answers(right(3))}
    counts = {0.5: 180, 0.125: 120, 0.25: 160}
    marks = pd.concat(
        mark(make_answers(right(count), FOLDS), "baseline_cnn", share)
        for share, count in counts.items()
    ).sample(frac=1, random_state=0)
    [growth] = follow_growth(marks, answers, train=103)
    assert growth.scenario == "baseline_cnn"
    # Each fold's images are as many: 100 of a share, and the mean of 1 to 5.
    assert [(point.share, point.trained_on) for point in growth.points] == [
        (0.125, 15.5),
        (0.25, 28.0),
        (0.5, 53.0),
        (1.0, 103.0),
    ]
    for point, count in zip(growth.points, (120, 160, 180, 190), strict=True):
        _, low, high = estimate_accuracy(make_answers(right(count), FOLDS))
        assert point.accuracy == count / 200
        assert (point.low, point.high) == (low, high)
    sizes = [
        Size(point.trained_on, score_answers(found.correct, found, ACCURACY_RANGE))
        for point, found in zip(
            growth.points,
            (make_answers(right(n), FOLDS) for n in (120, 160, 180, 190)),
            strict=True,
        )
    ]
    assert growth.forecast == forecast(sizes)
    assert growth.forecast.trained_on == 206
    assert growth.forecast.reason is None
    assert json.loads(json.dumps(asdict(growth)))["forecast"]["curve"]["b"] > 0


def test_the_seed_is_that_of_the_marks():
    whole = np.stack([right(190), right(10)])
    marks = mark(make_answers(right(100), FOLDS), "any", 0.5, seed=2)
    [growth] = follow_growth(marks, {"any": make_answers(whole, FOLDS)}, train=100)
    assert [point.accuracy for point in growth.points] == [0.5, 0.05]
    assert growth.forecast.reason == Reason.TOO_FEW_SIZES
    assert json.loads(json.dumps(asdict(growth)))["forecast"] == {
        "trained_on": 200.0,
        "accuracy": None,
        "low": None,
        "high": None,
        "reason": "fewer than four numbers of training images were tried",
        "curve": None,
    }


def test_scenarios_come_in_the_order_of_the_comparison_and_only_where_there_are_marks(tmp_path):
    answers = {name: make_answers(right(150), FOLDS) for name in ("one", "two", "three")}
    marks = pd.concat([mark(answers["three"], "three", 0.5), mark(answers["one"], "one", 0.5)])
    growths = follow_growth(marks, answers, train=100)
    assert [growth.scenario for growth in growths] == ["one", "three"]
    write_predictions(tmp_path / "none.csv", [])
    join_predictions(tmp_path / "marks.csv", [tmp_path / "none.csv"], {})
    assert follow_growth(read_rows(tmp_path / "marks.csv"), answers, train=100) == []


def test_marks_are_read_as_they_were_written_names_as_names(tmp_path: Path):
    images = np.array(["01", "NA", "null"], dtype=object)
    run = Run("any", 1, 3, 0.5)
    answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])
    rows = tabulate(run, "test", images, np.array([0, 0, 0]), answers, ["a", "b"])
    path = tmp_path / "marks.csv"
    write_predictions(path, [mark_answers(run, 17, rows)])
    join_predictions(path, [path], {"01": "1", "NA": "NA", "null": "1"})
    found = read_rows(path)
    assert [*found.columns] == COLUMNS
    assert found["image"].tolist() == ["01", "NA", "null"]
    assert found["group"].tolist() == ["1", "NA", "1"]
    assert found["correct"].tolist() == [1, 0, 1]
    assert (found["share"][0], found["trained_on"][0], found["seed"][0]) == (0.5, 17, 3)


POINTS = [Point(share, 240 * share, 0.9, 0.85, 0.95) for share in (0.125, 0.25, 0.5, 1.0)]
SLOW, FAST = Curve(0.5, 0.25, 0.0, 0.0), Curve(5.0, 0.75, 0.0, 0.0)


def make_growth(scenario: str, curve: Curve | None = SLOW, points: list[Point] = POINTS) -> Growth:
    """Makes a growth; without a curve it fell."""
    if curve is None:
        return Growth(scenario, points, Forecast(480, None, None, None, Reason.FALLING))
    return Growth(scenario, points, Forecast(2400, 0.9213, 0.88, 0.95, None, curve))


def test_what_twice_the_images_would_bring_is_told_with_its_interval():
    assert describe_growth(make_growth("baseline_cnn")) == (
        "With twice the training images (2,400) baseline_cnn can be expected to be right on "
        "92.1 % (88.0 to 95.0): +5.6 points by its curve."
    )


def test_what_was_measured_above_its_curve_is_no_loss_to_come():
    flat = Curve(0.0, 0.5, 0.21, 0.0)
    assert POINTS[-1].accuracy > 1 - flat.error_at(POINTS[-1].trained_on)
    ahead = Forecast(480, 0.79, 0.75, 0.841, None, flat)
    assert describe_growth(Growth("any", POINTS, ahead)) == (
        "With twice the training images (480) any can be expected to be right on 79.0 % (75.0 to "
        "84.1): +0.0 points by its curve."
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.TOO_FEW_SIZES, "fewer than three shares of the images were tried."),
        (Reason.FALLING, "its accuracy fell somewhere when images were added."),
        (
            Reason.POOR_FIT,
            "its accuracy does not grow along the curve that is usual (a power law).",
        ),
    ],
)
def test_why_there_is_no_forecast_is_told(reason, said):
    nothing = Growth("fine_tuning", POINTS, Forecast(480, None, None, None, reason))
    assert describe_growth(nothing) == (
        f"What more training images would bring to fine_tuning cannot be told: {said}"
    )


def test_every_reason_has_its_words():
    for reason in Reason:
        nothing = Growth("any", POINTS, Forecast(480, None, None, None, reason))
        assert "cannot be told: " in describe_growth(nothing)


def test_where_one_scenario_overtakes_another_is_told_whichever_comes_first():
    # 0.5 n^-0.25 = 5 n^-0.75 at n = 100.
    slow, fast = make_growth("slow", SLOW), make_growth("fast", FAST)
    said = (
        "With fewer than about 100 training images slow is ahead of fast, with more it is behind, "
        "by the fitted curves."
    )
    assert describe_crossings([slow, fast]) == [said]
    assert describe_crossings([fast, slow]) == [said]
    assert describe_crossings([slow]) == describe_crossings([slow, slow]) == []


def test_each_pair_that_crosses_is_told_and_none_without_a_curve():
    one, two, three = make_growth("one"), make_growth("two", FAST), make_growth("three", None)
    other = make_growth("other", SLOW)
    told = describe_crossings([one, three, two, other])
    assert [line.split(" training images ")[1].split(", ")[0] for line in told] == [
        "one is ahead of two",
        "other is ahead of two",
    ]


def test_curves_that_cross_where_one_was_not_tried_are_not_told():
    few = [Point(1.0, size, 0.9, 0.8, 1.0) for size in (20.0, 99.0)]
    many = [Point(1.0, size, 0.9, 0.8, 1.0) for size in (101.0, 400.0)]
    around = [Point(1.0, size, 0.9, 0.8, 1.0) for size in (99.0, 101.0)]
    fast = make_growth("fast", FAST)
    for points, told in ((few, 0), (many, 0), (around, 1)):
        assert len(describe_crossings([make_growth("slow", SLOW, points), fast])) == told


def test_only_of_scenarios_that_learnt_something_more_is_to_be_expected():
    slow, fast, lost = make_growth("slow"), make_growth("fast", FAST), make_growth("lost", None)
    every = describe_growths([slow, fast, lost], ["slow", "fast", "lost"])
    assert every == [
        describe_growth(slow),
        describe_growth(fast),
        describe_growth(lost),
        *describe_crossings([slow, fast]),
    ]
    assert len(every) == 4
    assert describe_growths([slow, fast, lost], ["fast"]) == [describe_growth(fast)]
    assert describe_growths([], ["slow"]) == describe_growths([slow], []) == []
