"""What a format loses is told with its interval, and marked where it matters."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from threeway.evidence.answers import Predictions, read_rows
from threeway.evidence.formats import (
    KEPT,
    LOST,
    UNSURE,
    Format,
    compare_formats,
    describe_formats,
)
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.evidence.wording import points

NUM_IMAGES, FOLDS = 200, 4


def make_answers(right: np.ndarray, seeds: tuple[int, ...] = (1, 2)) -> Predictions:
    """Makes answers of which some are right, each image tested once."""
    actual = np.arange(NUM_IMAGES) % 2
    called = np.where(right, actual, 1 - actual)
    probabilities = np.eye(2)[called] * 0.8 + 0.1
    names = np.array([f"{number:03d}" for number in range(NUM_IMAGES)])
    count = len(seeds)
    return Predictions(
        classes=["a", "b"],
        repeats=np.zeros(count, int),
        seeds=np.array(seeds),
        folds=np.tile(np.arange(NUM_IMAGES) % FOLDS + 1, (count, 1)),
        images=names,
        groups=names,
        actual=actual,
        probabilities=np.tile(probabilities, (count, 1, 1)),
    )


def make_rows(right: np.ndarray, formats: dict[str, np.ndarray]) -> pd.DataFrame:
    """Makes rows of formats.csv of the first seed, in another order than the answers."""
    rows = {
        "scenario": "baseline_cnn", "fold": np.arange(NUM_IMAGES) % FOLDS + 1, "seed": 1,
        "image": [f"{number:03d}" for number in range(NUM_IMAGES)],
        "group": [f"{number:03d}" for number in range(NUM_IMAGES)], "keras": right.astype(int),
    }  # fmt: skip
    for name, own in formats.items():
        rows[name] = own.astype(int)
        rows[f"{name}_same"] = (own == right).astype(int)
        rows[f"{name}_change"] = np.where(own == right, 0.01, 0.7)
    return pd.DataFrame(rows).sample(frac=1, random_state=0)


def lose(right: np.ndarray, count: int) -> np.ndarray:
    """Makes some right answers wrong."""
    changed = right.copy()
    changed[np.flatnonzero(right)[:count]] = False
    return changed


@pytest.fixture
def right() -> np.ndarray:
    return np.random.default_rng(1).random(NUM_IMAGES) < 0.8


def test_each_format_stands_beside_keras(right):
    answers = {"baseline_cnn": make_answers(right), "fine_tuning": make_answers(~right)}
    kinds = {"float32": right, "float16": lose(right, 2), "int8": lose(right, 30)}
    same, little, much = compare_formats(make_rows(right, kinds), answers, margin=0.05)
    estimate, low, high = estimate_accuracy(make_answers(right, (1,)))
    assert (same.accuracy, same.low, same.high) == (estimate.mean, low, high)
    assert (same.difference, same.same, same.change, same.answer) == (0, 1, 0.01, KEPT)
    assert little.difference == pytest.approx(-0.01)
    assert little.difference_low < -0.01 < little.difference_high
    assert (little.same, little.change, little.answer) == (0.99, 0.7, KEPT)
    assert (much.format, much.answer) == ("int8", LOST)
    assert much.difference == pytest.approx(-0.15)


def test_each_scenario_stands_by_itself(right):
    answers = {"baseline_cnn": make_answers(right), "fine_tuning": make_answers(~right)}
    own = {"float32": right, "int8": lose(right, 30)}
    other = {"float32": ~right, "int8": ~right}
    rows = [make_rows(right, own), make_rows(~right, other).assign(scenario="fine_tuning")]
    found = compare_formats(pd.concat(rows), answers, margin=0.05)
    assert found[:2] == compare_formats(rows[0], answers, margin=0.05)
    assert found[2:] == compare_formats(rows[1], answers, margin=0.05)
    assert [one.scenario for one in found] == ["baseline_cnn"] * 2 + ["fine_tuning"] * 2


def test_what_may_be_lost_cannot_be_told(right):
    rows = make_rows(right, {"float32": right, "int8": lose(right, 2)})
    *_, found = compare_formats(rows, {"baseline_cnn": make_answers(right)}, margin=0.012)
    assert found.answer == UNSURE
    [told] = describe_formats([found], "baseline_cnn", 0.012)
    assert told.startswith("Whether int8 on a device loses more than 1.2 points cannot be told")


def test_what_is_lost_by_chance_as_likely_is_not_told_as_lost(right):
    rows = make_rows(right, {"float32": right, "int8": lose(right, 5)})
    *_, found = compare_formats(rows, {"baseline_cnn": make_answers(right)}, margin=0.02)
    assert found.difference == pytest.approx(-0.025)
    assert found.answer == UNSURE


def test_a_format_that_answers_alike_keeps_the_accuracy_however_few_the_images(right):
    rows = make_rows(right, {"float32": right})
    [found] = compare_formats(rows, {"baseline_cnn": make_answers(right)}, margin=0.001)
    assert found.difference_low < -0.001
    assert found.answer == KEPT


def test_a_loss_is_told_of_the_scenario_that_is_shown(right):
    rows = make_rows(right, {"float32": right, "int8": lose(right, 30)})
    found = compare_formats(rows, {"baseline_cnn": make_answers(right)}, margin=0.05)
    [told] = describe_formats(found, "baseline_cnn", 0.05)
    low, high = points(-found[1].difference_high), points(-found[1].difference_low)
    assert told == (
        f"On a device as int8 baseline_cnn loses 15.0 points ({low} to {high}): use another format."
    )
    assert 5 < float(low) < 15 < float(high)
    assert describe_formats(found, "fine_tuning", 0.05) == []
    assert describe_formats(found[:1], "baseline_cnn", 0.05) == []


def test_nothing_is_compared_where_nothing_was_exported(tmp_path: Path, right):
    path = tmp_path / "formats.csv"
    path.write_text("image,group\n")
    assert compare_formats(read_rows(path), {"baseline_cnn": make_answers(right)}, 0.02) == []
    make_rows(right, {"float32": right}).to_csv(path, index=False)
    [found] = compare_formats(read_rows(path), {"baseline_cnn": make_answers(right)}, 0.02)
    assert isinstance(found, Format)
