"""How a run of baseline_cnn begins: a new network, on images that are shown anew each epoch."""

from pathlib import Path

from threeway.artefacts import IMAGES
from threeway.examples.arrays import Rows
from threeway.examples.augmentation import fresh_views
from threeway.examples.dataset import read_dataset
from threeway.networks.builder import build_trained
from threeway.run import Run
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.runs import Start


def list_inputs(run: Run) -> list[Path]:
    """Lists the files that a run reads, beside index and division."""
    return [IMAGES]


def begin(run: Run, settings: Settings) -> Start:
    """Begins a run.

    Args:
        run: which one.
        settings: image, augmentation, training and baseline_cnn.
    """
    dataset, images = read_dataset(run.fold), Rows(IMAGES)
    splits = {name: dataset.select(images, name) for name in LEARNING_SPLITS}
    train = splits["train"]
    view = fresh_views(settings.augmentation, train.inputs, train.digests, run.seed)
    network = build_trained(run.scenario, settings, len(dataset.classes))
    return Start(dataset, splits, network, view, trained=network)
