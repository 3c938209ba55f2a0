"""Shows some images of each class, and augmented views of some, as the networks see them.

Reads data/pipeline/images/. Writes plots/samples.png and plots/augmentation.png.
"""

from pathlib import Path

import numpy as np

from threeway.errors import run_stage
from threeway.examples.augmentation import fresh_views
from threeway.examples.images import Rows, read_index, select
from threeway.reading.grids import draw_samples, draw_views
from threeway.runtime import pin_threads
from threeway.settings import load_settings

NUM_IMAGES, NUM_VIEWS = 4, 6


def main() -> None:
    settings = load_settings("augmentation", "machine", "features")
    pin_threads(settings.machine.threads)
    index = read_index(Path("data/pipeline/images/index.csv"))
    images = Rows(Path("data/pipeline/images/images.npy"))
    draw_samples(Path("plots/samples.png"), images, index)

    train = select(index, images, "train").inputs
    make_view = fresh_views(settings.augmentation, train, settings.features.seed)
    shown = np.linspace(0, len(train) - 1, NUM_IMAGES).astype(int)
    views = [make_view(shown, view) for view in range(NUM_VIEWS)]
    draw_views(Path("plots/augmentation.png"), train[shown], np.stack(views, axis=1))


if __name__ == "__main__":
    run_stage(main)
