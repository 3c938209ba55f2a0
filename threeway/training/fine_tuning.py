"""How a run of fine_tuning begins: the head of feature_extraction's run on MobileNetV2, of which
only the layers that train are run again for each epoch.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from threeway.artefacts import BACKBONE, FROZEN, IMAGES, INDEX
from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import View, fresh_views
from threeway.examples.dataset import read_dataset
from threeway.execution.cluster import Cluster
from threeway.model.card import CARD, WEIGHTS
from threeway.model.saved import load_trained
from threeway.networks.builder import build_trained
from threeway.networks.embedding import Images, embed
from threeway.networks.inference import slice_batches
from threeway.networks.litert import compile_frozen, convert
from threeway.networks.transfer import build_backbone, build_top, build_trunk, join
from threeway.networks.weights import load_weights
from threeway.progress import Progress
from threeway.records import read_names
from threeway.run import MODEL, Run
from threeway.runtime import pin_threads
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.frozen import pick_kept, run_fresh
from threeway.training.runs import Start

EMBEDDED = FROZEN / "images.npy"


def name_view(seed: int, number: int) -> Path:
    return FROZEN / f"seed-{seed}-view-{number}.npy"


def count_views(settings: Settings) -> int:
    """Counts the views of each image that are kept: none where each epoch has new ones."""
    tuning = settings.fine_tuning
    return tuning.views if tuning.views < tuning.epochs else 0


def list_inputs(run: Run) -> list[Path]:
    """Lists the files that a run reads, beside index, division and what embed_images makes."""
    head = Run("feature_extraction", run.fold, run.seed).folder / MODEL
    return [BACKBONE, IMAGES, head / CARD, head / WEIGHTS]


def embed_images(
    settings: Settings, seeds: Sequence[int], cluster: Cluster | None = None
) -> dict[int, list[Path]]:
    """Runs the layers that stay frozen over all images and, for each seed, over their views, once
    for all folds: data/pipeline/frozen/*.npy, (images, ...) float32.

    Args:
        settings: image, augmentation, machine and fine_tuning.
        seeds: of the runs that need them.
        cluster: whose machines do it; this one without it.

    Returns:
        The files that a run of each seed reads.

    Raises:
        InputError: the disk has too little room for them.
    """
    pin_threads(settings.machine.threads)
    image, digests = settings.image, read_names(INDEX)["sha256"].to_numpy()
    images = Images(Rows(IMAGES), digests, settings.augmentation)
    backbone = build_backbone(image.resolution, image.pixel_range, load_weights(BACKBONE))
    trunk = build_trunk(backbone, settings.fine_tuning.unfreeze_from)
    numbers = range(count_views(settings))
    paths = {None: EMBEDDED}
    paths |= {View(seed, number): name_view(seed, number) for seed in seeds for number in numbers}
    shape = (len(images), *trunk.output_shape[1:])
    outputs = {view: create_array(path, shape, np.float32) for view, path in paths.items()}
    num_batches = len(paths) * len(slice_batches(len(images)))
    with Progress("frozen layers", num_batches, "batch") as progress:
        embed(convert(trunk), images, outputs, cluster, settings.machine.threads, progress)
    for output in outputs.values():
        output.flush()
    return {seed: [EMBEDDED, *(name_view(seed, number) for number in numbers)] for seed in seeds}


def begin(run: Run, settings: Settings) -> Start:
    """Begins a run; embed_images has been called.

    Args:
        run: which one.
        settings: image, augmentation, machine, training, feature_extraction and fine_tuning.
    """
    tuning, dataset, embedded = settings.fine_tuning, read_dataset(run.fold), Rows(EMBEDDED)
    weights = load_weights(BACKBONE)
    whole = build_trained(run.scenario, settings, len(dataset.classes), weights)
    backbone, head = whole.get_layer("backbone"), whole.get_layer("head")
    trained, card = load_trained(Run("feature_extraction", run.fold, run.seed).folder / MODEL)
    card.check_images(dataset.digest(LEARNING_SPLITS), "feature_extraction")
    head.set_weights(trained.get_weights())

    if num_views := count_views(settings):
        rows = dataset.find("train")
        view = pick_kept([Rows(name_view(run.seed, n)).take(rows) for n in range(num_views)])
    else:
        train = dataset.select(Rows(IMAGES), "train")
        view = fresh_views(settings.augmentation, train.inputs, train.digests, run.seed)
        trunk = build_trunk(backbone, tuning.unfreeze_from)
        view = run_fresh(compile_frozen(trunk, settings.machine.threads), view)
    splits = {name: dataset.select(embedded, name) for name in LEARNING_SPLITS}
    top = join(build_top(backbone, tuning.unfreeze_from), head)
    return Start(dataset, splits, top, view, trained=whole)
