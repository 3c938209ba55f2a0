"""The frozen layers below those that fine-tuning trains: their output, kept on disk.

What they make of a view of an image never changes, so they run once for each view, whatever the
number of epochs. Each seed has views of its own: if they shared them, they would share their luck,
and the spread over seeds would not show it.
"""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np

from threeway.examples.arrays import Rows, create_array
from threeway.networks.inference import Apply, predict_each, slice_batches
from threeway.training.epochs import View


def embed(trunk: Apply, batches: Iterable[np.ndarray], num_images: int, path: Path) -> Rows:
    """Runs the trunk over batches of images and keeps what comes out: (images, ...) float32.

    Raises:
        InputError: the disk has too little room for it.
    """
    outputs = map(trunk, batches)
    first = next(outputs)
    embedded = create_array(path, (num_images, *first.shape[1:]), np.float32)
    for rows, output in zip(slice_batches(num_images), chain([first], outputs), strict=True):
        embedded[rows] = output
    embedded.flush()
    return Rows(path)


def cache_views(trunk: Apply, view: View, num_images: int, num_views: int, folder: Path) -> View:
    """Makes views through the trunk, of which there are only some: each is embedded once.

    Args:
        trunk: what they go through.
        view: (rows, number) -> images of these rows in the view of this number.
        num_images: of which there are views.
        num_views: an epoch that has had all of them begins again with the first.
        folder: for the outputs, a file for each view that was asked for, in place of those that
            were there.
    """
    cached: dict[int, Rows] = {}

    def view_cached(rows: np.ndarray, epoch: int) -> np.ndarray:
        number = epoch % num_views
        if number not in cached:
            batches = (view(part, number) for part in slice_batches(num_images))
            cached[number] = embed(trunk, batches, num_images, folder / f"view-{number}.npy")
        return cached[number][rows]

    return view_cached


def run_fresh(trunk: Apply, view: View) -> View:
    """Makes views through the trunk anew each time: nothing is kept."""

    def view_fresh(rows: np.ndarray, epoch: int) -> np.ndarray:
        parts = slice_batches(len(rows))
        return predict_each(trunk, (view(rows[part], epoch) for part in parts))

    return view_fresh
