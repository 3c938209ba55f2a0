"""Trains the upper part of MobileNetV2 together with the converged head, once for each seed.

Reads data/pipeline/images/, the backbone, and the heads that feature_extraction trained. Writes
data/pipeline/models/fine_tuning/, data/pipeline/runs/fine_tuning/ (DVCLive records and
predictions.csv) and data/pipeline/seconds/fine_tuning.json. While it runs, data/pipeline/trunk/
holds what the frozen layers make of images.
"""

from pathlib import Path

from threeway.errors import run_stage
from threeway.examples.augmentation import fresh_views
from threeway.examples.images import Rows, list_classes, read_index, select
from threeway.intake.splitting import LEARNING_SPLITS
from threeway.networks.inference import compile_network
from threeway.networks.networks import (
    build_backbone,
    build_head,
    build_top,
    build_trunk,
    join,
    unfreeze,
)
from threeway.networks.weights import load_weights
from threeway.runtime import pin_threads
from threeway.settings import load_settings
from threeway.training.fitting import make_recipe
from threeway.training.frozen import cache_views, embed_split, open_scratch, run_fresh
from threeway.training.runs import Start, run_scenario


def main() -> None:
    settings = load_settings(
        "image", "augmentation", "machine", "training", "feature_extraction", "fine_tuning"
    )
    pin_threads(settings.machine.threads)
    index = read_index(Path("data/pipeline/images/index.csv"))
    images = Rows(Path("data/pipeline/images/images.npy"))
    classes = list_classes(index)
    splits = {name: select(index, images, name) for name in LEARNING_SPLITS}
    train, image, tuning = splits["train"].inputs, settings.image, settings.fine_tuning
    weights = load_weights(Path("data/pipeline/backbone/mobilenet_v2.npz"))
    backbone = build_backbone(image.resolution, image.pixel_range, weights)
    trunk = compile_network(build_trunk(backbone, tuning.unfreeze_from))
    scratch = Path("data/pipeline/trunk")

    def begin(seed: int) -> Start:
        recipe = settings.feature_extraction
        head = build_head(len(classes), recipe.hidden_units, recipe.dropout)
        head.load_weights(f"data/pipeline/models/feature_extraction/seed-{seed}.weights.h5")
        backbone = build_backbone(image.resolution, image.pixel_range, weights)
        unfreeze(backbone, tuning.unfreeze_from)
        top, whole = build_top(backbone, tuning.unfreeze_from), join(backbone, head)
        view = fresh_views(settings.augmentation, train, seed)
        if 0 < tuning.views < tuning.epochs:
            view = cache_views(trunk, view, len(train), tuning.views, scratch)
        else:
            view = run_fresh(trunk, view)
        return Start(join(top, head), view, saved=whole)

    with open_scratch(scratch):
        run_scenario(
            begin,
            {n: embed_split(trunk, split, scratch / f"{n}.npy") for n, split in splits.items()},
            classes,
            settings.training.seeds,
            make_recipe(settings.training, tuning),
            models=Path("data/pipeline/models/fine_tuning"),
            runs=Path("data/pipeline/runs/fine_tuning"),
            seconds=Path("data/pipeline/seconds/fine_tuning.json"),
        )


if __name__ == "__main__":
    run_stage(main)
