"""Runs the frozen backbone once over all images, and over augmented views of them.

Reads data/pipeline/index.csv, images.npy and the backbone. Writes data/pipeline/features.npy:
(images, 1 + views, 1280) float32, in the order of the index, the image as it is first; and
data/pipeline/seconds/features.json. How images are divided makes no difference to it.
"""

import time

import joblib
import numpy as np

from threeway.artefacts import BACKBONE, FEATURES, IMAGES, INDEX, SECONDS
from threeway.errors import run_stage
from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import View
from threeway.execution.cluster import open_cluster
from threeway.mobilenet import NUM_FEATURES
from threeway.networks.embedding import Images, embed
from threeway.networks.inference import slice_batches
from threeway.networks.litert import convert
from threeway.networks.transfer import build_backbone, build_trunk
from threeway.networks.weights import load_weights
from threeway.progress import Progress
from threeway.records import read_names, write_json
from threeway.runtime import pin_threads
from threeway.settings import load_settings

# Cores of a cluster's machine for a batch.
CLUSTER_THREADS = 2


def main() -> None:
    settings = load_settings("image", "augmentation", "features")
    # Nothing here adds up across threads.
    pin_threads(joblib.cpu_count())
    digests = read_names(INDEX)["sha256"].to_numpy()
    images = Images(Rows(IMAGES), digests, settings.augmentation)

    began = time.perf_counter()
    image, wanted = settings.image, settings.features
    trunk = build_trunk(build_backbone(image.resolution, image.pixel_range, load_weights(BACKBONE)))
    views = [None, *(View(wanted.seed, number) for number in range(wanted.views))]
    embedded = create_array(FEATURES, (len(images), len(views), NUM_FEATURES), np.float32)
    outputs = {view: embedded[:, column] for column, view in enumerate(views)}
    num_batches = len(views) * len(slice_batches(len(images)))
    with open_cluster() as cluster, Progress("features", num_batches, "batch") as progress:
        embed(convert(trunk), images, outputs, cluster, CLUSTER_THREADS, progress)
    embedded.flush()
    write_json(SECONDS / "features.json", {"all": time.perf_counter() - began})


if __name__ == "__main__":
    run_stage(main)
