"""Says what an image costs where it is decoded and embedded in chunks, here and on a cluster.

    python -m benchmarks.chunks [--images N] [--size PIXELS]

Needs requirements-cluster.txt. The cluster is one machine, this one, so that what it takes longer
is what Ray and the sending cost. JPEGs of 500 x 375 pixels are generated; the backbone's weights
are random, which takes as long.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

from benchmarks.generated import generate_images
from stages.backbone import draw_random
from threeway.examples.augmentation import View
from threeway.execution.cluster import Cluster, open_cluster
from threeway.intake.decoding import decode_each, prepare_image
from threeway.intake.sources import open_source
from threeway.intake.uniting import describe_image
from threeway.mobilenet import NUM_FEATURES
from threeway.networks.embedding import Images, embed
from threeway.networks.litert import convert
from threeway.networks.transfer import build_backbone, build_trunk
from threeway.progress import Tally
from threeway.reading.markup import align_table
from threeway.runtime import pin_threads
from threeway.settings import load_settings

NUM_VIEWS = 4


@contextmanager
def start_cluster() -> Iterator[Cluster]:
    """Starts a cluster of this machine alone, and connects to it."""
    from ray.cluster_utils import Cluster as Simulated

    head = {"num_cpus": joblib.cpu_count(), "include_dashboard": False}
    simulated = Simulated(initialize_head=True, head_node_args=head)
    try:
        with open_cluster(simulated.address) as cluster:
            yield cluster
    finally:
        simulated.shutdown()


def time_parts(folder: Path, size: int, cluster: Cluster | None) -> dict[str, float]:
    """Times each part: seconds, after a first time of a few images."""
    source, recipe = open_source(folder), load_settings("augmentation").augmentation
    paths = source.list_paths()
    model = convert(build_trunk(build_backbone(size, [-1, 1], draw_random())))
    prepare = partial(prepare_image, size=size, fit="stretch")
    pixels = np.stack([image for _, image in decode_each(source.read(paths), prepare)])
    digests = np.array(paths)
    shape = (len(pixels), NUM_FEATURES)
    views = [None, *(View(0, number) for number in range(NUM_VIEWS))]
    outputs = {view: np.empty(shape, np.float32) for view in views}

    def run_embed(count: int) -> None:
        some = Images(pixels[:count], digests[:count], recipe)
        wanted = {view: output[:count] for view, output in outputs.items()}
        embed(model, some, wanted, cluster, 2, Tally())

    def run_decode(function: Callable[[bytes], object], count: int) -> None:
        for _ in decode_each(source.read(paths[:count]), function, cluster):
            pass

    parts = {
        "looked at (inspect)": partial(run_decode, describe_image),
        f"decoded to {size} pixels (preprocess)": partial(run_decode, prepare),
        f"frozen backbone, {len(views)} views (features)": run_embed,
    }
    times = {}
    for name, part in parts.items():
        # Imports, and an interpreter for each core.
        part(4 * 64)
        began = time.perf_counter()
        part(len(paths))
        times[name] = time.perf_counter() - began
    return times


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chunks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--size", type=int, default=160)
    arguments = parser.parse_args()
    cores = joblib.cpu_count()
    pin_threads(cores)
    with tempfile.TemporaryDirectory() as name:
        folder = generate_images(Path(name) / "images", arguments.images, (500, 375))
        kilobytes = np.mean([path.stat().st_size for path in folder.rglob("*.jpg")]) / 1e3
        here = time_parts(folder, arguments.size, None)
        with start_cluster() as cluster:
            there = time_parts(folder, arguments.size, cluster)
    rows = [
        {
            "an image": part,
            f"here, on {cores} cores, ms": f"{1e3 * seconds / arguments.images:.2f}",
            "ms of a core": f"{cores * 1e3 * seconds / arguments.images:.2f}",
            "on the cluster, ms": f"{1e3 * there[part] / arguments.images:.2f}",
        }
        for part, seconds in here.items()
    ]
    print(f"{arguments.images} JPEGs of {kilobytes:.0f} kB\n")
    print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
