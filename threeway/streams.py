"""Random numbers, kept apart by what they are for: the same seed serves several ends."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """An end that numbers are drawn for; each has its own, whatever else is drawn."""

    VIEW = 1  # how a view of an image is warped
    ORDER = 2  # in which order an epoch sees its examples
    PICK = 3  # which of an image's cached views an epoch sees


def make_generator(stream: Stream, *key: int) -> np.random.Generator:
    """Makes the generator of a stream's numbers for a key, such as seed and epoch."""
    return np.random.default_rng([stream, *key])
