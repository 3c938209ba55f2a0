"""Which image is what, and what it is for: the index of all images, and their splits in a fold."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.artefacts import INDEX, SPLIT
from threeway.errors import InputError
from threeway.examples.arrays import Rows
from threeway.records import read_names


@dataclass(frozen=True)
class Labelled:
    """Inputs of one split with their labels, row by row.

    Attributes:
        inputs: (examples, ...): images (size, size, 3) uint8, or what frozen layers make of them,
            float32, features (1280,) or maps; an array, or what can be indexed like its first axis.
        labels: (examples,) int, an index into the class names.
        paths: (examples,) path of each image in the source.
        digests: (examples,) sha256 of each image's pixels, by which its views are known.
    """

    inputs: np.ndarray | Rows
    labels: np.ndarray
    paths: np.ndarray
    digests: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """All images, whatever they are for in a fold.

    Attributes:
        classes: class names, of all images; the order gives them their numbers.
        labels: (images,) int, an index into classes.
        paths: (images,) path of each image in the source.
        digests: (images,) sha256 of each image's pixels.
        splits: (images,) "train", "val" or "test"; "" for what is not used.
    """

    classes: list[str]
    labels: np.ndarray
    paths: np.ndarray
    digests: np.ndarray
    splits: np.ndarray

    def find(self, split: str) -> np.ndarray:
        """Finds the images of a split: (examples,) int, their rows in the index."""
        return np.flatnonzero(self.splits == split)

    def select(self, inputs: np.ndarray | Rows, split: str) -> Labelled:
        """Takes the rows of a split.

        Args:
            inputs: (images, ...), in the order of the index.
            split: the one to take.
        """
        rows = self.find(split)
        chosen = inputs.take(rows) if isinstance(inputs, Rows) else inputs[rows]
        return Labelled(chosen, self.labels[rows], self.paths[rows], self.digests[rows])

    def count_classes(self) -> dict[str, int]:
        """Counts the images of each class, by its name, whatever they are for."""
        counts = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(count) for name, count in zip(self.classes, counts, strict=True)}

    def digest(self, splits: Sequence[str]) -> str:
        """Digests which images are in these splits, as what, and in which: sha256, as hex."""
        rows = np.flatnonzero(np.isin(self.splits, splits))
        lines = [f"{self.digests[n]} {self.labels[n]} {self.splits[n]}" for n in rows]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def list_classes(index: pd.DataFrame) -> list[str]:
    """Lists the class names, in the order that gives them their numbers."""
    return sorted(index["class"].unique())


def read_dataset(fold: int, share: float = 1.0) -> Dataset:
    """Reads the index, and what each image is for in a fold.

    Args:
        fold: counted from 1; 0 for all images, of which none is in test.
        share: of the training images; a smaller one is part of each larger one.

    Raises:
        InputError: the division is of other images, or has no such fold.
    """
    index, division = read_names(INDEX), read_names(SPLIT)
    division = division[division["fold"] == str(fold)]
    if list(division["path"]) != list(index["path"]):
        raise InputError(
            f"{SPLIT} has no fold {fold} of the images in {INDEX}; run 'dvc repro split'"
        )
    splits = division["split"].to_numpy()
    if share < 1:
        ranks = pd.to_numeric(division["rank"]).to_numpy()
        splits = np.where((splits == "train") & (ranks > share), "", splits)
    classes = list_classes(index)
    numbers = {class_name: number for number, class_name in enumerate(classes)}
    return Dataset(
        classes=classes,
        labels=index["class"].map(numbers).to_numpy(np.int64),
        paths=index["path"].to_numpy(),
        digests=index["sha256"].to_numpy(),
        splits=splits,
    )


def count_folds() -> int:
    """Counts the folds that the images are divided into, of all repeats."""
    return int(read_names(SPLIT)["fold"].astype(int).max())
