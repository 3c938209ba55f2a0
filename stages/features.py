"""Runs the frozen backbone once over all images of train and val, and over train's augmented views.

Reads data/pipeline/images/ and the backbone. Writes data/pipeline/features/ (train.npy, (images,
1 + views, 1280) float32 with the plain image first; val.npy, (images, 1280); and index.csv),
and data/pipeline/seconds/features.json.
"""

import time
from pathlib import Path

import numpy as np

from threeway.errors import run_stage
from threeway.examples.augmentation import fresh_views
from threeway.examples.images import Rows, create_array, read_index, select
from threeway.intake.splitting import LEARNING_SPLITS
from threeway.mobilenet import NUM_FEATURES
from threeway.networks.inference import compile_network, predict, predict_each, slice_batches
from threeway.networks.networks import build_backbone, build_trunk
from threeway.networks.weights import load_weights
from threeway.progress import follow
from threeway.records import write_json
from threeway.runtime import keras, pin_threads
from threeway.settings import load_settings


def main() -> None:
    settings = load_settings("image", "augmentation", "machine", "features")
    pin_threads(settings.machine.threads)
    keras.utils.set_random_seed(settings.features.seed)
    index = read_index(Path("data/pipeline/images/index.csv"))
    images = Rows(Path("data/pipeline/images/images.npy"))
    train, val = (select(index, images, name) for name in LEARNING_SPLITS)

    make_view = fresh_views(settings.augmentation, train.inputs, settings.features.seed)
    began = time.perf_counter()
    weights = load_weights(Path("data/pipeline/backbone/mobilenet_v2.npz"))
    backbone = build_backbone(settings.image.resolution, settings.image.pixel_range, weights)
    trunk = compile_network(build_trunk(backbone))
    num_views = settings.features.views
    folder = Path("data/pipeline/features")
    shape = (len(train), 1 + num_views, NUM_FEATURES)
    embedded = create_array(folder / "train.npy", shape, np.float32)
    embedded[:, 0] = predict(trunk, train.inputs)
    for view in range(num_views):
        slices = slice_batches(len(train))
        told = follow(slices, f"view {view + 1} of {num_views}", len(slices), "batch")
        embedded[:, 1 + view] = predict_each(trunk, (make_view(rows, view) for rows in told))
    embedded.flush()
    np.save(folder / "val.npy", predict(trunk, val.inputs))
    index.to_csv(folder / "index.csv", index=False, lineterminator="\n")
    seconds = {"all": time.perf_counter() - began}
    write_json(Path("data/pipeline/seconds/features.json"), seconds)


if __name__ == "__main__":
    run_stage(main)
