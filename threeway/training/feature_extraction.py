"""How a run of feature_extraction begins: a new head, on the frozen backbone's features."""

from pathlib import Path

import numpy as np

from threeway.artefacts import BACKBONE, FEATURES
from threeway.examples.augmentation import show_plain
from threeway.examples.dataset import read_dataset
from threeway.networks.builder import build_trained
from threeway.run import Run
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.streams import Stream, draw_by_name
from threeway.training.runs import Start
from threeway.training.scenario import Way


def list_inputs(run: Run) -> list[Path]:
    """Lists the files that a run reads, beside index and division; of the backbone, a head's card
    has the digest.
    """
    return [BACKBONE, FEATURES]


def begin(run: Run, settings: Settings) -> Start:
    """Begins a run.

    Args:
        run: which one.
        settings: image, training and feature_extraction.
    """
    dataset = read_dataset(run.fold, run.share)
    # Mapped, and so shared by runs side by side, and no more in memory than there is room for.
    features = np.asarray(np.load(FEATURES, mmap_mode="r"))
    # What a head is judged by is not augmented: the image as it is.
    splits = {name: dataset.select(features[:, 0], name) for name in LEARNING_SPLITS}
    train, num_views = splits["train"], features.shape[1]
    images, starts = dataset.find("train"), start_turns(train.digests, num_views, run)

    def view_kept(rows: np.ndarray, epoch: int) -> np.ndarray:
        return features[images[rows], (starts[rows] + epoch) % num_views]

    share = settings.training.augmented_share
    view = show_plain(view_kept, train.inputs, train.digests, share, run.key)
    head = build_trained(run.scenario, settings, len(dataset.classes))
    return Start(dataset, splits, head, view, trained=head)


def start_turns(digests: np.ndarray, num_views: int, run: Run) -> np.ndarray:
    """Decides with which of its cached views each image begins: (examples,) int.

    From there they take turns, one an epoch, so that an epoch is one pass over the training images
    in every scenario.

    Args:
        digests: (examples,) sha256 of each image's pixels.
        num_views: of each image.
        run: which other runs do not begin alike.
    """
    draws = draw_by_name(Stream.TURN, run.key, digests, 1)[:, 0]
    return (num_views * draws).astype(np.int64)


WAY = Way("feature_extraction", begin, list_inputs)
