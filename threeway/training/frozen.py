"""The frozen layers below those that fine-tuning trains: their output, kept on disk.

What they make of a view of an image never changes, so they run once for each view, whatever the
number of epochs and of folds. Each seed has views of its own: if they shared them, they would share
their luck, and the spread over seeds would not show it.
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


def pick_kept(views: list[Rows]) -> View:
    """Makes a view of what is kept: an epoch that has had all of them begins again with the first.

    Args:
        views: one or more, each (images, ...).
    """

    def view_kept(rows: np.ndarray, epoch: int) -> np.ndarray:
        return views[epoch % len(views)][rows]

    return view_kept


def run_fresh(trunk: Apply, view: View) -> View:
    """Makes views through the trunk anew each time: nothing is kept."""

    def view_fresh(rows: np.ndarray, epoch: int) -> np.ndarray:
        parts = slice_batches(len(rows))
        return predict_each(trunk, (view(rows[part], epoch) for part in parts))

    return view_fresh
