"""How a run of feature_extraction begins: a new head, on the frozen backbone's features."""

import numpy as np

from threeway.artefacts import FEATURES
from threeway.examples.dataset import read_dataset
from threeway.networks.builder import build_trained
from threeway.run import Run
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.fitting import pick_views
from threeway.training.runs import Start


def begin(run: Run, settings: Settings) -> Start:
    """Begins a run.

    Args:
        run: which one.
        settings: image, training and feature_extraction.
    """
    dataset = read_dataset(run.fold)
    features = np.load(FEATURES, mmap_mode="r")
    # What a head is judged by is not augmented: the image as it is.
    splits = {name: dataset.select(features[:, 0], name) for name in LEARNING_SPLITS}
    views = features[dataset.find("train")]

    def view(rows: np.ndarray, epoch: int) -> np.ndarray:
        return views[rows, pick_views(*views.shape[:2], *run.key, epoch)[rows]]

    head = build_trained(run.scenario, settings, len(dataset.classes))
    return Start(dataset, splits, head, view, trained=head)
