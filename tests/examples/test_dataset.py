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
    """Writes a division: what each image is for, fold by fold; images for training rank by their
    number, from 0 to 1.
    """
    paths = [f"{number}.png" for number in range(NUM_IMAGES)]
    ranks = np.arange(NUM_IMAGES) / (NUM_IMAGES - 1)
    tables = []
    for fold, splits in enumerate(folds, 1):
        table = pd.DataFrame({"path": paths, "fold": fold, "split": splits})
        tables.append(table.assign(rank=np.where(table["split"] == "train", ranks, np.nan)))
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


def test_a_share_leaves_out_training_images_of_a_higher_rank_and_no_others(values):
    divide(["train", "val", "train", "test"] * 5, ["test", "train"] * 10)
    whole = read_dataset(1)
    assert whole.find("train").tolist() == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
    # Nineteenths: 8 is the last of those that are at most 0.45.
    some = read_dataset(1, share=0.45)
    assert some.find("train").tolist() == [0, 2, 4, 6, 8]
    for split in ("val", "test"):
        assert some.find(split).tolist() == whole.find(split).tolist()
    assert some.find("").tolist() == [10, 12, 14, 16, 18]
    assert some.select(values, "train").paths.tolist() == [f"{n}.png" for n in (0, 2, 4, 6, 8)]
    assert (some.classes, some.labels.tolist()) == (whole.classes, whole.labels.tolist())
    assert some.digest(["train", "val"]) != whole.digest(["train", "val"])
    assert some.digest(["test"]) == whole.digest(["test"])
    assert read_dataset(2, share=0.2).find("train").tolist() == [1, 3]


def test_a_rank_belongs_to_its_share_and_a_smaller_share_is_part_of_a_larger(values):
    divide(["train"] * 18 + ["val", "test"])
    table = pd.read_csv(SPLIT)
    table.loc[:3, "rank"] = [0.0, 0.25, 0.125, 0.125001]
    write_csv(SPLIT, table)
    shares = [read_dataset(1, share).find("train").tolist() for share in (0.01, 0.125, 0.25)]
    assert shares == [[0], [0, 2], [0, 1, 2, 3, 4]]
    assert read_dataset(1, 1.0).find("train").tolist() == [*range(18)]
