"""Runs the frozen backbone once over all images, and over augmented views of them.

Reads data/pipeline/index.csv, images.npy and the backbone. Writes data/pipeline/features.npy:
(images, 1 + views, 1280) float32, in the order of the index, the image as it is first; and
data/pipeline/seconds/features.json. How images are divided makes no difference to it.
"""

import time

import numpy as np

from threeway.artefacts import BACKBONE, FEATURES, IMAGES, INDEX, SECONDS
from threeway.errors import run_stage
from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import fresh_views
from threeway.mobilenet import NUM_FEATURES
from threeway.networks.inference import compile_network, predict, predict_each, slice_batches
from threeway.networks.transfer import build_backbone, build_trunk
from threeway.networks.weights import load_weights
from threeway.progress import follow
from threeway.records import read_names, write_json
from threeway.runtime import keras, pin_threads
from threeway.settings import load_settings


def main() -> None:
    settings = load_settings("image", "augmentation", "machine", "features")
    pin_threads(settings.machine.threads)
    keras.utils.set_random_seed(settings.features.seed)
    images, digests = Rows(IMAGES), read_names(INDEX)["sha256"].to_numpy()
    make_view = fresh_views(settings.augmentation, images, digests, settings.features.seed)

    began = time.perf_counter()
    backbone = build_backbone(
        settings.image.resolution, settings.image.pixel_range, load_weights(BACKBONE)
    )
    trunk = compile_network(build_trunk(backbone))
    num_views = settings.features.views
    embedded = create_array(FEATURES, (len(images), 1 + num_views, NUM_FEATURES), np.float32)
    embedded[:, 0] = predict(trunk, images)
    slices = slice_batches(len(images))
    for view in range(num_views):
        told = follow(slices, f"view {view + 1} of {num_views}", len(slices), "batch")
        embedded[:, 1 + view] = predict_each(trunk, (make_view(rows, view) for rows in told))
    embedded.flush()
    write_json(SECONDS / "features.json", {"all": time.perf_counter() - began})


if __name__ == "__main__":
    run_stage(main)
