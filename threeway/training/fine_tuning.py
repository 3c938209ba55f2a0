"""How a run of fine_tuning begins: the head of feature_extraction's run on MobileNetV2, of which
only the layers that train are run again for each epoch.
"""

from pathlib import Path

from threeway.artefacts import BACKBONE, FROZEN, IMAGES
from threeway.examples.arrays import Rows
from threeway.examples.augmentation import fresh_views
from threeway.examples.dataset import read_dataset
from threeway.model.saved import load_trained
from threeway.networks.builder import build_trained
from threeway.networks.inference import compile_network, slice_batches
from threeway.networks.transfer import build_backbone, build_top, build_trunk, join
from threeway.networks.weights import load_weights
from threeway.run import MODEL, Run
from threeway.runtime import pin_threads
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.frozen import cache_views, embed, run_fresh
from threeway.training.runs import Start

EMBEDDED = FROZEN / "images.npy"


def embed_images(settings: Settings) -> None:
    """Runs the layers that stay frozen over all images, once for all runs: their output is
    data/pipeline/frozen/images.npy, (images, ...) float32.

    Args:
        settings: image, machine and fine_tuning.
    """
    pin_threads(settings.machine.threads)
    image, images = settings.image, Rows(IMAGES)
    backbone = build_backbone(image.resolution, image.pixel_range, load_weights(BACKBONE))
    trunk = compile_network(build_trunk(backbone, settings.fine_tuning.unfreeze_from))
    batches = (images[rows] for rows in slice_batches(len(images)))
    embed(trunk, batches, len(images), EMBEDDED)


def begin(run: Run, settings: Settings, scratch: Path) -> Start:
    """Begins a run; embed_images has been called.

    Args:
        run: which one.
        settings: image, augmentation, training, feature_extraction and fine_tuning.
        scratch: an empty folder, for what the frozen layers make of views.
    """
    tuning, dataset, embedded = settings.fine_tuning, read_dataset(run.fold), Rows(EMBEDDED)
    weights = load_weights(BACKBONE)
    whole = build_trained(run.scenario, settings, len(dataset.classes), weights)
    backbone, head = whole.get_layer("backbone"), whole.get_layer("head")
    trained, _ = load_trained(Run("feature_extraction", run.fold, run.seed).folder / MODEL)
    head.set_weights(trained.get_weights())

    trunk = compile_network(build_trunk(backbone, tuning.unfreeze_from))
    train = dataset.select(Rows(IMAGES), "train")
    view = fresh_views(settings.augmentation, train.inputs, train.digests, run.seed)
    if 0 < tuning.views < tuning.epochs:
        view = cache_views(trunk, view, len(train), tuning.views, scratch)
    else:
        view = run_fresh(trunk, view)
    splits = {name: dataset.select(embedded, name) for name in LEARNING_SPLITS}
    top = join(build_top(backbone, tuning.unfreeze_from), head)
    return Start(dataset, splits, top, view, trained=whole)
