"""Arrays on disk whose rows are those of the index: made at once, read row by row."""

import copy
import math
import os
from pathlib import Path
from typing import Self

import numpy as np

from threeway.errors import InputError, check_room


class Rows:
    """Rows of a .npy file, read when they are asked for: memory does not limit their number.

    Not memory-mapped: what is mapped stays in memory once it was touched, which is all of it after
    an epoch.

    Args:
        path: of the file, C-ordered.
    """

    def __init__(self, path: Path):
        self.path = path
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, self.dtype = np.lib.format.read_array_header_1_0(file)
            self.start = file.tell()
        self.row_shape = shape[1:]
        self.numbers = np.arange(shape[0])

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
        with self.path.open("rb") as file:
            for row, number in zip(found, numbers, strict=True):
                file.seek(self.start + int(number) * row.nbytes)
                if file.readinto(row) != row.nbytes:
                    raise InputError(
                        f"{self.path} ends before its row {number}; remove it, then run 'dvc repro'"
                    )
        return found


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
