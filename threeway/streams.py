"""Random numbers, kept apart by what they are for: the same seed serves several ends."""

import hashlib
from collections.abc import Iterable
from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """An end that numbers are drawn for; each has its own, whatever else is drawn."""

    VIEW = 1  # how a view of an image is warped
    ORDER = 2  # in which order an epoch sees its examples
    TURN = 3  # which of an image's cached views the first epoch sees
    PLAIN = 4  # which images an epoch sees as they are
    TRIAL = 5  # which settings a trial has


# Of a 64-bit number, those that a float64 in [0, 1) holds.
NUM_BITS = 53


def make_generator(stream: Stream, *key: int) -> np.random.Generator:
    """Makes the generator of a stream's numbers for a key, such as seed and epoch."""
    return np.random.default_rng([stream, *key])


def draw_by_name(
    stream: Stream, key: tuple[int, ...], names: Iterable[str], count: int
) -> np.ndarray:
    """Draws numbers for each name that do not depend on which other names there are.

    By a hash, which is as even as a generator's numbers and takes any key: a generator for each
    name would take ten times as long.

    Args:
        stream: what they are for.
        key: of the numbers, such as a seed and a view.
        names: of images, such as the sha256 of their pixels.
        count: numbers for each name, at most 8.

    Returns:
        (names, count) float64 in [0, 1).
    """
    prefix = "/".join(str(int(part)) for part in (stream, *key))
    keys = (f"{prefix}/{name}".encode() for name in names)
    drawn = b"".join(hashlib.blake2b(key, digest_size=8 * count).digest() for key in keys)
    numbers = np.frombuffer(drawn, "<u8").reshape(-1, count)
    return (numbers >> (64 - NUM_BITS)) * 2.0**-NUM_BITS
