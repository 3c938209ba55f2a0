"""Shows some images of each class, and augmented views of some, as the networks see them.

Reads data/pipeline/index.csv, split.csv and images.npy. Writes plots/samples.png and
plots/augmentation.png.
"""

import numpy as np

from threeway.artefacts import IMAGES, PLOTS
from threeway.errors import run_stage
from threeway.examples.arrays import Rows
from threeway.examples.augmentation import fresh_views
from threeway.examples.dataset import read_dataset
from threeway.reading.grids import draw_samples, draw_views
from threeway.runtime import pin_threads
from threeway.settings import load_settings

NUM_IMAGES, NUM_VIEWS = 4, 6


def main() -> None:
    settings = load_settings("augmentation", "machine", "features")
    pin_threads(settings.machine.threads)
    dataset = read_dataset(fold=1)
    train = dataset.select(Rows(IMAGES), "train")
    draw_samples(PLOTS / "samples.png", train.inputs, train.labels, dataset.classes)

    seed = settings.features.seed
    make_view = fresh_views(settings.augmentation, train.inputs, train.digests, seed)
    shown = np.linspace(0, len(train) - 1, NUM_IMAGES).astype(int)
    views = [make_view(shown, view) for view in range(NUM_VIEWS)]
    draw_views(PLOTS / "augmentation.png", train.inputs[shown], np.stack(views, axis=1))


if __name__ == "__main__":
    run_stage(main)
