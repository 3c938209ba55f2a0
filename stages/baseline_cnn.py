"""Trains the small CNN from scratch, once for each seed.

Reads data/pipeline/images/. Writes data/pipeline/models/baseline_cnn/,
data/pipeline/runs/baseline_cnn/ (DVCLive records and predictions.csv) and
data/pipeline/seconds/baseline_cnn.json.
"""

from pathlib import Path

from threeway.errors import run_stage
from threeway.examples.augmentation import fresh_views
from threeway.examples.images import Rows, list_classes, read_index, select
from threeway.intake.splitting import LEARNING_SPLITS
from threeway.networks.networks import build_baseline_cnn
from threeway.runtime import pin_threads
from threeway.settings import load_settings
from threeway.training.fitting import make_recipe
from threeway.training.runs import Start, run_scenario


def main() -> None:
    settings = load_settings("image", "augmentation", "machine", "training", "baseline_cnn")
    pin_threads(settings.machine.threads)
    index = read_index(Path("data/pipeline/images/index.csv"))
    images = Rows(Path("data/pipeline/images/images.npy"))
    classes = list_classes(index)
    splits = {name: select(index, images, name) for name in LEARNING_SPLITS}
    train, image, cnn = splits["train"], settings.image, settings.baseline_cnn

    def begin(seed: int) -> Start:
        network = build_baseline_cnn(
            image.resolution,
            image.pixel_range,
            len(classes),
            cnn.filters,
            cnn.dense_units,
            cnn.dropout,
        )
        view = fresh_views(settings.augmentation, train.inputs, seed)
        return Start(network, view, saved=network)

    run_scenario(
        begin,
        splits,
        classes,
        settings.training.seeds,
        make_recipe(settings.training, cnn),
        models=Path("data/pipeline/models/baseline_cnn"),
        runs=Path("data/pipeline/runs/baseline_cnn"),
        seconds=Path("data/pipeline/seconds/baseline_cnn.json"),
    )


if __name__ == "__main__":
    run_stage(main)
