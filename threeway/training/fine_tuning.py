"""How a run of fine_tuning begins: the head of feature_extraction's run on MobileNetV2, of which
only the layers that train are run again for each epoch.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from threeway.artefacts import BACKBONE, FROZEN, IMAGES, INDEX
from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import View, fresh_views, show_plain
from threeway.examples.dataset import read_dataset
from threeway.execution.cluster import Cluster
from threeway.model.card import CARD, WEIGHTS, read_card
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
from threeway.training.scenario import Way


def name_images(layer: str) -> Path:
    """Names the file of what the layers below one make of the images as they are."""
    return FROZEN / layer / "images.npy"


def name_view(layer: str, seed: int, number: int) -> Path:
    """Names the file of what the layers below one make of a view of the images."""
    return FROZEN / layer / f"seed-{seed}-view-{number}.npy"


def find_head(run: Run) -> Path:
    """Finds the model whose head a run starts from."""
    return replace(run, scenario="feature_extraction").folder / MODEL


def count_views(settings: Settings) -> int:
    """Counts the views of each image that are kept: none where each epoch has new ones."""
    tuning = settings.fine_tuning
    return tuning.views if tuning.views < tuning.epochs else 0


def list_inputs(run: Run) -> list[Path]:
    """Lists the files that a run reads, beside index, division and what embed_images makes."""
    head = find_head(run)
    return [BACKBONE, IMAGES, head / CARD, head / WEIGHTS]


def list_embedded(run: Run, settings: Settings) -> list[Path]:
    """Lists the files that embed_images makes and a run reads."""
    layer, numbers = settings.fine_tuning.unfreeze_from, range(count_views(settings))
    return [name_images(layer), *(name_view(layer, run.seed, number) for number in numbers)]


def adopt_head(run: Run, settings: Settings) -> Settings:
    """Takes the settings of the head that a run starts from, which may have been tuned.

    Raises:
        InputError: there is no such head, or it is damaged.
    """
    head = read_card(find_head(run)).restore_settings().feature_extraction
    return settings.model_copy(update={"feature_extraction": head})


def embed_images(
    settings: Settings, layers: Sequence[str], seeds: Sequence[int], cluster: Cluster | None
) -> None:
    """Runs the layers that stay frozen over all images and, for each seed, over their views, once
    for all folds: data/pipeline/frozen/LAYER/*.npy, (images, ...) float32.

    Args:
        settings: image, augmentation, machine and fine_tuning.
        layers: each of them the first that trains in some run.
        seeds: of the runs.
        cluster: whose machines do it; this one without it.

    Raises:
        InputError: the disk has too little room for them.
    """
    pin_threads(settings.machine.threads)
    image, digests = settings.image, read_names(INDEX)["sha256"].to_numpy()
    images = Images(Rows(IMAGES), digests, settings.augmentation)
    backbone = build_backbone(image.resolution, image.pixel_range, load_weights(BACKBONE))
    views = [View(seed, number) for seed in seeds for number in range(count_views(settings))]
    num_batches = len(layers) * (1 + len(views)) * len(slice_batches(len(images)))
    with Progress("frozen layers", num_batches, "batch") as progress:
        for layer in layers:
            trunk = build_trunk(backbone, layer)
            paths = {None: name_images(layer)} | {view: name_view(layer, *view) for view in views}
            shape = (len(images), *trunk.output_shape[1:])
            outputs = {view: create_array(path, shape, np.float32) for view, path in paths.items()}
            embed(convert(trunk), images, outputs, cluster, settings.machine.threads, progress)
            for output in outputs.values():
                output.flush()


def begin(run: Run, settings: Settings) -> Start:
    """Begins a run; embed_images has been called.

    Args:
        run: which one.
        settings: image, augmentation, machine, training, feature_extraction and fine_tuning.

    Raises:
        InputError: the head is damaged, or was trained on other images.
    """
    layer, dataset = settings.fine_tuning.unfreeze_from, read_dataset(run.fold, run.share)
    splits = {name: dataset.select(Rows(name_images(layer)), name) for name in LEARNING_SPLITS}
    train = splits["train"]
    weights = load_weights(BACKBONE)
    whole = build_trained(run.scenario, settings, len(dataset.classes), weights)
    backbone, head = whole.get_layer("backbone"), whole.get_layer("head")
    trained, card = load_trained(find_head(run))
    card.check_images(dataset.digest(LEARNING_SPLITS), "feature_extraction")
    head.set_weights(trained.get_weights())

    if num_views := count_views(settings):
        rows = dataset.find("train")
        kept = [Rows(name_view(layer, run.seed, number)) for number in range(num_views)]
        view = pick_kept([views.take(rows) for views in kept])
    else:
        images = dataset.select(Rows(IMAGES), "train").inputs
        view = fresh_views(settings.augmentation, images, train.digests, run.seed)
        trunk = compile_frozen(build_trunk(backbone, layer), settings.machine.threads)
        view = run_fresh(trunk, view)
    share = settings.training.augmented_share
    view = show_plain(view, train.inputs, train.digests, share, run.key)
    top = join(build_top(backbone, layer), head)
    return Start(dataset, splits, top, view, trained=whole)


WAY = Way("fine_tuning", begin, list_inputs, adopt_head, embed_images, list_embedded)
