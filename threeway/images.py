"""The decoded images: one memory-mapped uint8 array, and an index of what its rows are.

An index is a table with the columns path, class and split, row by row those of the array.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Labelled:
    """Inputs of one split with their labels, row by row.

    Attributes:
        inputs: (examples, ...): images (size, size, 3) uint8, or features (1280,) float32.
        labels: (examples,) int, an index into the class names.
        paths: (examples,) path of each image in the source.
    """

    inputs: np.ndarray
    labels: np.ndarray
    paths: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


def read_index(path: Path) -> pd.DataFrame:
    """Reads an index or data/split.csv; a class called "NA" or "1" stays a name."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def create_images(path: Path, count: int, size: int) -> np.memmap:
    """Creates a .npy file to be filled: (count, size, size, 3) uint8, memory-mapped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (count, size, size, 3)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)


def list_classes(index: pd.DataFrame) -> list[str]:
    """Lists the class names; the order gives them their indices."""
    return sorted(index["class"].unique())


def select(index: pd.DataFrame, inputs: np.ndarray, split: str) -> Labelled:
    """Takes the rows of one split, "train", "val" or "test".

    Args:
        index: what the rows of inputs are.
        inputs: (images, ...).
        split: the one to take.
    """
    numbers = {class_name: number for number, class_name in enumerate(list_classes(index))}
    rows = np.flatnonzero(index["split"] == split)
    labels = index["class"].map(numbers).to_numpy(np.int64)
    return Labelled(inputs[rows], labels[rows], index["path"].to_numpy()[rows])
