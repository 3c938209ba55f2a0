"""The decoded images: one uint8 array on disk, and an index of what its rows are.

An index is a table with the columns path, class and split, row by row those of the array.
"""

import copy
import math
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from threeway.errors import InputError, check_room


class Rows:
    """Rows of a .npy file, read when they are asked for: memory does not limit their number.

    Not memory-mapped: what is mapped stays in memory once it was touched, which is all of it after
    an epoch.

    Args:
        path: of the file, C-ordered.
    """

    def __init__(self, path: Path):
        self.file = path.open("rb")
        np.lib.format.read_magic(self.file)
        shape, _, self.dtype = np.lib.format.read_array_header_1_0(self.file)
        self.start = self.file.tell()
        self.row_shape = shape[1:]
        self.numbers = np.arange(shape[0])
        # Training batches and validation come from different threads.
        self.lock = threading.Lock()

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.numbers), *self.row_shape)

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: np.ndarray) -> Self:
        """Makes a view of some of the rows: (rows,) int."""
        taken = copy.copy(self)
        taken.numbers = self.numbers[rows]
        return taken

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        """Reads rows: (rows, ...).

        Raises:
            InputError: the file is shorter than it was.
        """
        numbers = self.numbers[rows]
        found = np.empty((len(numbers), *self.row_shape), self.dtype)
        with self.lock:
            for row, number in zip(found, numbers, strict=True):
                self.file.seek(self.start + int(number) * row.nbytes)
                if self.file.readinto(row) != row.nbytes:
                    raise InputError(
                        f"{self.file.name} ends before its row {number}; remove it, then run "
                        "'dvc repro'"
                    )
        return found


@dataclass(frozen=True)
class Labelled:
    """Inputs of one split with their labels, row by row.

    Attributes:
        inputs: (examples, ...): images (size, size, 3) uint8, or features (1280,) float32; an
            array, or what can be indexed like its first axis.
        labels: (examples,) int, an index into the class names.
        paths: (examples,) path of each image in the source.
    """

    inputs: np.ndarray | Rows
    labels: np.ndarray
    paths: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


def read_index(path: Path) -> pd.DataFrame:
    """Reads an index or data/pipeline/split.csv; a class called "NA" or "1" stays a name."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def create_array(path: Path, shape: tuple[int, ...], dtype: type) -> np.memmap:
    """Creates a .npy file to be filled, memory-mapped.

    The room is taken at once where the system can: a fresh file is all holes, and a disk that is
    full when they are written to kills the process, without a word of why.

    Raises:
        InputError: the disk has too little room for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    check_room(path, math.prod(shape) * np.dtype(dtype).itemsize)
    array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def list_classes(index: pd.DataFrame) -> list[str]:
    """Lists the class names; the order gives them their indices."""
    return sorted(index["class"].unique())


def select(index: pd.DataFrame, inputs: np.ndarray | Rows, split: str) -> Labelled:
    """Takes the rows of one split, "train", "val" or "test".

    Args:
        index: what the rows of inputs are.
        inputs: (images, ...).
        split: the one to take.
    """
    numbers = {class_name: number for number, class_name in enumerate(list_classes(index))}
    rows = np.flatnonzero(index["split"] == split)
    labels = index["class"].map(numbers).to_numpy(np.int64)
    chosen = inputs.take(rows) if isinstance(inputs, Rows) else inputs[rows]
    return Labelled(chosen, labels[rows], index["path"].to_numpy()[rows])
