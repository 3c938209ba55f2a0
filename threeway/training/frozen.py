"""Views of images through the frozen layers below those that fine-tuning trains.

What these layers make of a view of an image never changes, so they run once for each view, whatever
the number of epochs and of folds. Each seed has views of its own: if they shared them, they would
share their luck, and the spread over seeds would not show it.
"""

import numpy as np

from threeway.examples.arrays import Rows
from threeway.networks.inference import Apply, predict_each, slice_batches
from threeway.training.epochs import View


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
