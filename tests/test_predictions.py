"""Rows of predictions.csv are joined, and marked, without a digit's change."""

import numpy as np
import pandas as pd

from threeway.predictions import join_predictions, mark_answers, tabulate, write_predictions
from threeway.records import read_names
from threeway.run import Run

CLASSES = ["1", "NA", 'a "b", c']


def name_images(split: str) -> np.ndarray:
    return np.array([f"{split}/{index},.png" for index in range(5)], dtype=object)


def make_tables():
    rng = np.random.default_rng(0)
    return [
        tabulate(
            Run("any", fold=1, seed=seed),
            split,
            name_images(split),
            np.arange(5) % 3,
            rng.dirichlet(np.ones(3), 5).astype(np.float32),
            CLASSES,
        )
        for seed in (3, 10)
        for split in ("val", "test")
    ]


def test_parts_of_which_some_are_empty_are_joined_as_if_written_at_once(tmp_path):
    tables = make_tables()
    write_predictions(tmp_path / "whole.csv", tables)
    parts = [tmp_path / f"{name}.csv" for name in ("none", "first", "rest")]
    for path, part in zip(parts, ([], tables[:1], tables[1:]), strict=True):
        write_predictions(path, part)
    groups = {image: image[:4] for split in ("val", "test") for image in name_images(split)}
    join_predictions(tmp_path / "joined/predictions.csv", parts, groups)
    joined, whole = (
        read_names(tmp_path / name) for name in ("joined/predictions.csv", "whole.csv")
    )
    assert joined["group"].tolist() == whole["image"].str[:4].tolist()
    # Not a digit changes.
    assert joined.drop(columns="group").equals(whole)


def test_parts_of_which_none_has_rows_make_a_table_without_any(tmp_path):
    parts = [tmp_path / "one.csv", tmp_path / "other.csv"]
    for path in parts:
        write_predictions(path, [])
    join_predictions(tmp_path / "joined.csv", parts, {"a.png": "g"})
    assert (tmp_path / "joined.csv").read_text() == "image,group\n"
    assert read_names(tmp_path / "joined.csv").empty


def test_answers_are_marked_by_the_most_likely_class():
    run = Run("any", fold=2, seed=3, share=0.25)
    probabilities = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.1, 0.0, 0.9]])
    images = np.array(["a.png", "b.png", "c.png", "01"], dtype=object)
    rows = tabulate(run, "test", images, np.array([1, 0, 1, 2]), probabilities, CLASSES)
    found = mark_answers(run, 17, rows)
    assert found.to_dict("list") == {
        "scenario": ["any"] * 4,
        "share": [0.25] * 4,
        "trained_on": [17] * 4,
        "fold": [2] * 4,
        "seed": [3] * 4,
        "image": ["a.png", "b.png", "c.png", "01"],
        # Of equals the first class is the answer.
        "correct": [1, 1, 0, 1],
    }


def test_marks_of_several_runs_are_joined_as_predictions_are(tmp_path):
    rows = make_tables()[1]
    runs = [Run("any", 1, 3, share) for share in (0.25, 0.5)]
    write_predictions(tmp_path / "marks.csv", [mark_answers(run, 9, rows) for run in runs])
    groups = {image: f"g{number}" for number, image in enumerate(name_images("test"))}
    join_predictions(tmp_path / "joined.csv", [tmp_path / "marks.csv"], groups)
    found = pd.read_csv(tmp_path / "joined.csv")
    assert [*found.columns] == [
        "scenario", "share", "trained_on", "fold", "seed", "image", "group", "correct"
    ]  # fmt: skip
    assert found["share"].tolist() == [0.25] * 5 + [0.5] * 5
    assert found["group"].tolist() == [f"g{number}" for number in range(5)] * 2
