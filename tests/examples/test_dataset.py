"""Whatever the division, an image keeps its row, its class's number and its digest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from threeway.artefacts import INDEX, SPLIT
from threeway.errors import InputError
from threeway.examples.arrays import Rows, create_array
from threeway.examples.dataset import count_folds, read_dataset
from threeway.records import write_csv

NUM_IMAGES = 20


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """What all images' inputs are, in a project with an index; also in the file inputs.npy."""
    monkeypatch.chdir(tmp_path)
    names = [f"{number}.png" for number in range(NUM_IMAGES)]
    # "NA" and "01" are names, whatever they look like.
    classes = ["NA", "b", "01", "a b"] * 5
    digests = [f"digest {number}" for number in range(NUM_IMAGES)]
    write_csv(INDEX, pd.DataFrame({"path": names, "class": classes, "sha256": digests}))
    values = np.random.default_rng(0).integers(0, 256, (NUM_IMAGES, 4, 4, 3)).astype(np.uint8)
    stored = create_array(tmp_path / "inputs.npy", values.shape, np.uint8)
    stored[:] = values
    stored.flush()
    return values


def divide(*folds: list[str]) -> None:
    """Writes a division: what each image is for, fold by fold."""
    paths = [f"{number}.png" for number in range(NUM_IMAGES)]
    tables = [
        pd.DataFrame({"path": paths, "fold": fold, "split": splits})
        for fold, splits in enumerate(folds, 1)
    ]
    write_csv(SPLIT, pd.concat(tables))


def test_a_split_has_its_rows_labels_paths_and_digests(values):
    divide(["train", "train", "val", "test"] * 5)
    dataset = read_dataset(1)
    assert dataset.classes == ["01", "NA", "a b", "b"]
    for inputs in (values, Rows(Path("inputs.npy"))):
        test = dataset.select(inputs, "test")
        assert np.array_equal(test.inputs[:], values[3::4])
        assert type(test.inputs) is type(inputs)
        assert test.labels.tolist() == [2] * 5
        assert list(test.paths) == ["3.png", "7.png", "11.png", "15.png", "19.png"]
        assert list(test.digests) == [f"digest {number}" for number in range(3, 20, 4)]


def test_class_numbers_are_those_of_all_images_even_where_a_split_lacks_a_class(values):
    divide(["train", "train", "val", "train"] * 5)
    dataset = read_dataset(1)
    assert set(dataset.select(values, "train").labels) == {1, 2, 3}
    assert set(dataset.select(values, "val").labels) == {0}


def test_each_fold_is_a_division_of_its_own(values):
    divide(["train", "val"] * 10, ["val", "train"] * 10)
    one, two = (read_dataset(fold).find("val").tolist() for fold in (1, 2))
    assert sorted(one + two) == list(range(NUM_IMAGES))
    assert count_folds() == 2
    with pytest.raises(InputError, match=r"split\.csv has no fold 3 .*; run 'dvc repro split'"):
        read_dataset(3)


def test_a_division_of_other_images_is_refused(values):
    divide(["train", "val"] * 10)
    table = pd.read_csv(SPLIT)
    write_csv(SPLIT, table.iloc[:-1])
    with pytest.raises(InputError, match="has no fold 1 of the images in"):
        read_dataset(1)


def test_what_was_learnt_from_is_known_by_its_images_classes_and_splits(values):
    divide(["train", "train", "val", "test"] * 5, ["train", "val", "train", "test"] * 5)
    one, two = read_dataset(1), read_dataset(2)
    assert one.digest(["train", "val"]) != two.digest(["train", "val"])
    assert one.digest(["test"]) == two.digest(["test"])
