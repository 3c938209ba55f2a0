"""What tuning and more images bring, as a reader sees it: rounded once, and in percent."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.evidence.test_more_images import FAST, make_growth
from tests.evidence.test_search import RATE, UNITS, make_search, make_trials
from threeway.evidence.search import Choice, Search
from threeway.reading.recipes import (
    format_value,
    present_choices,
    present_gains,
    present_growths,
    present_trials,
    present_tuning,
)
from threeway.records import read_csv, write_csv


def to_json(*results: object) -> list[dict]:
    """Makes of results what metrics/comparison.json has."""
    return json.loads(json.dumps([asdict(result) for result in results]))


def search(**changes: object) -> Search:
    figures = {"written": 0.9012, "gain": 0.0213, "low": -0.0004, "high": 0.043}
    figures |= {"given_up": 7, "epochs": 1234, "kept_written": 2, "first_share": 0.625}
    return make_search(**figures | changes)


def test_gains_are_points_between_two_percentages():
    [row] = present_gains(to_json(search())).to_dict("records")
    assert row == {
        "scenario": "baseline_cnn",
        "as written": "90.1",
        "tuned": "92.2",
        "gained, points": "+2.1",
        "95 % interval": "0.0 to 4.3",
        "folds where as written is best": 2,
        "epochs of all trials": "1,234",
        "trials given up": 7,
        "of the fall in loss, by the first 4 trials": "62",
    }
    worse, same = search(gain=-0.012, low=-0.03, high=0.01), search(gain=0.0001)
    assert present_gains(to_json(worse, same))["gained, points"].tolist() == ["-1.2", "+0.0"]


def test_what_is_not_known_is_a_dash():
    nothing = dict.fromkeys(["written", "gain", "low", "high", "first_share"])
    [row] = present_gains(to_json(search(**nothing))).to_dict("records")
    assert [name for name, value in row.items() if value == "-"] == [
        "as written",
        "tuned",
        "gained, points",
        "95 % interval",
        "of the fall in loss, by the first 4 trials",
    ]


def test_choices_have_a_row_a_setting_fold_by_fold():
    choices = [
        Choice(RATE, 0.001, [1e-4, 0.00123, 0.01], at_low=1, at_high=1),
        Choice(UNITS, 128, [64, 256, 128], at_low=0, at_high=1),
        Choice("fine_tuning.unfreeze_from", "block_8_depthwise", ["a", "b", "a"], 2, 0),
        Choice("training.augmented_share", 1, [0.25, 1, 0], 0, 0),
    ]
    table = present_choices(to_json(search(choices=choices), make_search("other")))
    assert table.columns.tolist() == [
        "scenario",
        "setting",
        "as written",
        "chosen, fold by fold",
        "at an end of its range",
    ]
    assert table.to_numpy().tolist() == [
        ["baseline_cnn", "learning_rate", "0.001", "0.0001, 0.00123, 0.01", 2],
        ["baseline_cnn", "dense_units", "128", "64, 256, 128", 1],
        ["baseline_cnn", "unfreeze_from", "block_8_depthwise", "a, b, a", 2],
        ["baseline_cnn", "augmented_share", "1", "0.25, 1, 0", 0],
    ]


def read_trials(path: Path) -> pd.DataFrame:
    """Reads what tuning.csv has of two scenarios, of which one does not know the other's units."""
    layers = make_trials().drop(columns=[UNITS]).assign(scenario="fine_tuning")
    layers = layers.rename(columns={RATE: "fine_tuning.learning_rate"})
    layers["fine_tuning.unfreeze_from"] = "block_8_depthwise"
    write_csv(path, pd.concat([make_trials(), layers]))
    return read_csv(path)


def test_every_trial_is_listed_with_what_it_tried(tmp_path):
    table = present_trials(read_trials(tmp_path / "tuning.csv"))
    assert table.columns.tolist() == [
        "scenario",
        "fold",
        "trial",
        "epochs",
        "best epoch",
        "val loss",
        "val accuracy",
        "settings",
        "",
    ]
    assert table.iloc[[0, 1, 2, 11]].to_numpy().tolist() == [
        [
            "baseline_cnn", 1, 1, 10, 8, "1.00", "50.0",
            "learning_rate 0.001, dropout 0.5, dense_units 128, augmented_share 1", "",
        ],
        [
            "baseline_cnn", 1, 2, 3, 3, "0.500", "90.0",
            "learning_rate 0.01, dropout 0.2, dense_units 64, augmented_share 0", "given up",
        ],
        [
            "baseline_cnn", 1, 3, 9, 9, "0.800", "60.0",
            "learning_rate 0.0001, dropout 0.01, dense_units 256, augmented_share 0.25", "chosen",
        ],
        [
            "fine_tuning", 2, 3, 1, 1, "0.900", "70.0",
            "dropout 0.4, augmented_share 0.5, learning_rate 0.0003, "
            "unfreeze_from block_8_depthwise", "given up",
        ],
    ]  # fmt: skip


def test_a_trial_that_diverged_at_once_has_no_loss(tmp_path):
    """As it is written: its lowest loss is infinite, since it has none."""
    trials = make_trials()
    trials.loc[1, ["epochs", "best_epoch", "val_loss", "val_accuracy"]] = [0, 0, np.inf, 0.0]
    write_csv(tmp_path / "tuning.csv", trials)
    table = present_trials(read_csv(tmp_path / "tuning.csv"))
    assert table["val loss"].tolist() == ["1.00", "-", "0.800", "0.400", "0.700", "0.900"]
    assert table[""].tolist() == ["", "given up", "chosen", "chosen", "", "given up"]


def test_tuning_is_presented_whole_or_not_at_all():
    assert present_tuning([], make_trials()) == {}
    found = present_tuning(to_json(search()), make_trials())
    assert [*found] == ["gains", "choices", "trials"]
    assert found["gains"].equals(present_gains(to_json(search())))
    assert found["choices"].empty
    assert len(found["trials"]) == 6


def test_growths_have_a_row_a_number_of_images_and_the_forecast_last():
    fast = make_growth("fast", FAST)
    without = make_growth("slow", None, fast.points[:2])
    table = present_growths(to_json(fast, without))
    assert table.columns.tolist() == [
        "scenario",
        "training images",
        "accuracy",
        "95 % interval",
        "",
    ]
    interval = "85.0 to 95.0"
    assert table.to_numpy().tolist() == [
        ["fast", "30", "90.0", interval, ""],
        ["fast", "60", "90.0", interval, ""],
        ["fast", "120", "90.0", interval, ""],
        ["fast", "240", "90.0", interval, ""],
        ["fast", "2,400", "92.1", "88.0 to 95.0", "forecast"],
        ["slow", "30", "90.0", interval, ""],
        ["slow", "60", "90.0", interval, ""],
    ]
    assert present_growths([]).empty


def test_numbers_of_images_are_whole_though_folds_have_other_ones():
    few = [replace(point, trained_on=12345.6) for point in make_growth("any").points[:1]]
    table = present_growths(to_json(make_growth("any", None, few)))
    assert table["training images"].tolist() == ["12,346"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.000123, "0.000123"), (128.0, "128"), (1, "1"), (0, "0"), ("block_8_pad", "block_8_pad")],
)
def test_values_read_as_in_params(value, text):
    assert format_value(value) == text
