"""The decoded images: one memory-mapped uint8 array, in the order of data/split.csv."""

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


def read_split(path: str | Path) -> pd.DataFrame:
    """Reads data/split.csv; a class called "NA" or "1" stays a name."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def create_images(path: Path, count: int, size: int) -> np.memmap:
    """Creates a .npy file to be filled: (count, size, size, 3) uint8, memory-mapped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (count, size, size, 3)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)


def list_classes(split: pd.DataFrame) -> list[str]:
    """Lists the class names; the order gives them their indices."""
    return sorted(split["class"].unique())


def select(split: pd.DataFrame, inputs: np.ndarray, name: str) -> Labelled:
    """Takes the rows of one split, "train", "val" or "test".

    Args:
        split: data/split.csv.
        inputs: (images, ...), row by row the images of `split`.
        name: the split to take.
    """
    classes = {class_name: index for index, class_name in enumerate(list_classes(split))}
    rows = np.flatnonzero(split["split"] == name)
    labels = split["class"].map(classes).to_numpy(np.int64)
    return Labelled(inputs[rows], labels[rows], split["path"].to_numpy()[rows])
