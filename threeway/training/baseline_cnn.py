"""How a run of baseline_cnn begins: a new network, on images that are shown anew each epoch."""

from pathlib import Path

from threeway.artefacts import IMAGES
from threeway.examples.arrays import Rows
from threeway.examples.augmentation import fresh_views, show_plain
from threeway.examples.dataset import read_dataset
from threeway.networks.builder import build_trained
from threeway.run import Run
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.runs import Start
from threeway.training.scenario import Way


def list_inputs(run: Run) -> list[Path]:
    """Lists the files that a run reads, beside index and division."""
    return [IMAGES]


def begin(run: Run, settings: Settings) -> Start:
    """Begins a run.

    Args:
        run: which one.
        settings: image, augmentation, training and baseline_cnn.
    """
    dataset, images = read_dataset(run.fold, run.share), Rows(IMAGES)
    splits = {name: dataset.select(images, name) for name in LEARNING_SPLITS}
    train = splits["train"]
    view = fresh_views(settings.augmentation, train.inputs, train.digests, run.seed)
    share = settings.training.augmented_share
    view = show_plain(view, train.inputs, train.digests, share, run.key)
    network = build_trained(run.scenario, settings, len(dataset.classes))
    return Start(dataset, splits, network, view, trained=network)


WAY = Way("baseline_cnn", begin, list_inputs)
