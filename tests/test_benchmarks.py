"""Benchmarks that can be tried in seconds do what they say."""

import pandas as pd
import pytest

from benchmarks import compare, divisions
from threeway.scenarios import SCENARIOS

PAIRS = [("feature_extraction", "baseline_cnn"), ("fine_tuning", "baseline_cnn")]


def make_comparison(accuracy: float, lows: tuple[float, float], choice: str | None) -> dict:
    """Makes what is read of a comparison.json; intervals are 0.1 wide."""
    return {
        "scenarios": {key: {"images": 200, "accuracy": accuracy} for key in SCENARIOS},
        "differences": [
            {"first": a, "second": b, "difference": low + 0.05, "low": low, "high": low + 0.1}
            for (a, b), low in zip(PAIRS, lows, strict=True)
        ],
        "verdict": {"choice": choice},
    }


@pytest.fixture
def runs() -> pd.DataFrame:
    comparisons = [
        make_comparison(0.5, (0.01, 0.02), "fine_tuning"),
        make_comparison(0.625, (-0.2, 0.03), "baseline_cnn"),
        make_comparison(0.75, (-0.05, 0.04), None),
    ]
    return pd.DataFrame(
        [{"images": "x", "division": "five folds"} | divisions.summarise(c) for c in comparisons]
    )


def test_two_that_tell_each_otherwise_contradict_each_other(runs):
    pairs = [f"{first} - {second}" for first, second in PAIRS]
    # One better, one worse, one that does not tell.
    assert divisions.count_contradictions(runs, pairs) == 1
    assert divisions.count_contradictions(runs, pairs[1:]) == 0


def test_a_row_says_how_far_figures_move_between_divisions(runs):
    (row,) = divisions.tabulate(runs).to_dict("records")
    assert row == {
        "images": "x",
        "division": "five folds",
        "tested": "200",
        "an accuracy moves by, points": "25.0, at most 25.0",
        "a difference moves by, points": "11.5, at most 21.0",
        "its interval is wide, points": "10.0",
        "pairs told": "5 of 6",
        "told otherwise": "1",
        "use": "fine_tuning, baseline_cnn, none",
    }


def test_what_compare_is_timed_on_is_what_stages_leave(capsys):
    compare.main(num_classes=3, images=60, folds=2)
    assert capsys.readouterr().out.startswith("3 classes, 60 images, 2 folds: ")
