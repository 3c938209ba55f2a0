"""predictions.csv says all that the tables need, exactly as it was computed from."""

import numpy as np
import pytest

from threeway.evidence.answers import read_predictions
from threeway.predictions import join_predictions, tabulate, write_predictions

CLASSES = ["1", "NA", 'a "b", c']


def name_images(split: str) -> np.ndarray:
    return np.array([f"{split}/{index},.png" for index in range(5)], dtype=object)


def make_tables():
    rng = np.random.default_rng(0)
    return [
        tabulate(
            seed,
            split,
            name_images(split),
            np.arange(5) % 3,
            rng.dirichlet(np.ones(3), 5).astype(np.float32),
            CLASSES,
        )
        for seed in (3, 10)
        for split in ("val", "test")
    ]


def test_what_is_written_is_read_back_exactly(tmp_path):
    tables = make_tables()
    path = tmp_path / "predictions.csv"
    write_predictions(path, tables)
    found = read_predictions(path, "test")
    assert found.classes == CLASSES
    assert found.seeds.tolist() == [3, 10]
    assert found.images.tolist() == name_images("test").tolist()
    assert found.actual.tolist() == [0, 1, 2, 0, 1]
    expected = np.stack([tables[1].filter(like="p("), tables[3].filter(like="p(")])
    assert np.array_equal(found.probabilities, expected)
    assert found.correct.shape == (2, 5)


def test_seeds_that_cover_different_images_are_refused(tmp_path):
    tables = make_tables()
    tables[3] = tables[3].iloc[:-1]
    path = tmp_path / "predictions.csv"
    write_predictions(path, tables)
    with pytest.raises(ValueError, match="seeds 3 and 10 cover different images of test"):
        read_predictions(path, "test")


def test_parts_of_which_some_are_empty_are_joined_as_if_written_at_once(tmp_path):
    tables = make_tables()
    write_predictions(tmp_path / "whole.csv", tables)
    parts = [tmp_path / f"{name}.csv" for name in ("none", "first", "rest")]
    for path, part in zip(parts, ([], tables[:1], tables[1:]), strict=True):
        write_predictions(path, part)
    join_predictions(tmp_path / "joined/predictions.csv", parts)
    joined = (tmp_path / "joined/predictions.csv").read_bytes()
    assert joined == (tmp_path / "whole.csv").read_bytes()
