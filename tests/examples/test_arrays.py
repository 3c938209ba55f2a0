"""Rows of a file are those of the array that it holds, whichever are asked for."""

import numpy as np
import pytest

from threeway.errors import InputError
from threeway.examples.arrays import Rows, create_array


@pytest.fixture
def stored(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3)).astype(np.uint8)
    images = create_array(tmp_path / "deep/er/images.npy", values.shape, np.uint8)
    images[:] = values
    images.flush()
    return values, Rows(tmp_path / "deep/er/images.npy")


@pytest.mark.parametrize("rows", [slice(3, 9), slice(0, 0), np.array([7, 2, 2]), slice(None)])
def test_rows_are_those_of_the_array(stored, rows):
    values, images = stored
    assert (images.shape, images.dtype, len(images)) == (values.shape, values.dtype, 20)
    assert np.array_equal(images[rows], values[rows])


def test_rows_of_rows_are_rows(stored):
    values, images = stored
    some = images.take(np.array([5, 1, 8, 3]))
    assert some.shape == (4, 4, 4, 3)
    assert np.array_equal(some[1:3], values[[1, 8]])
    assert np.array_equal(images[:], values)


def test_a_new_array_has_all_of_its_room(tmp_path):
    path = tmp_path / "images.npy"
    create_array(path, (1000, 1000), np.float32)
    header = path.read_bytes()[:200].index(b"\n") + 1
    assert path.stat().st_size == header + 4_000_000
    # Blocks of 512 bytes, whatever those of the file system.
    assert 512 * path.stat().st_blocks >= 4_000_000


def test_an_array_that_the_disk_has_no_room_for_is_not_begun(tmp_path):
    path = tmp_path / "images.npy"
    # More than any file system gives to a file, lest a check that fails fill the disk.
    with pytest.raises(InputError, match=r"images\.npy takes 9,007,199,254\.7 MB, .* make room"):
        create_array(path, (2**50,), np.float64)
    assert not path.exists()


def test_a_file_that_is_too_short_is_noticed(stored, tmp_path):
    path = tmp_path / "deep/er/images.npy"
    path.write_bytes(path.read_bytes()[:-50])
    values, images = stored[0], Rows(path)
    assert np.array_equal(images[:18], values[:18])
    with pytest.raises(InputError, match=r"images\.npy ends before its row 18"):
        images[:]
