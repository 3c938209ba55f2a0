"""Decodes and resizes every image once.

Reads data/pipeline/index.csv and data.source. Writes data/pipeline/images.npy: (images, size, size,
3) uint8, in the order of the index.
"""

from functools import partial

import numpy as np

from threeway.artefacts import IMAGES, INDEX
from threeway.errors import InputError, run_stage
from threeway.examples.arrays import create_array
from threeway.execution.cluster import open_cluster
from threeway.intake.decoding import NotAnImage, decode_each, prepare_image
from threeway.intake.sources import open_source
from threeway.progress import follow
from threeway.records import read_names
from threeway.settings import load_settings


def main() -> None:
    settings = load_settings("data.source", "image")
    size = settings.image.resolution
    rows = {path: row for row, path in enumerate(read_names(INDEX)["path"])}

    images = create_array(IMAGES, (len(rows), size, size, 3), np.uint8)
    prepare = partial(prepare_image, size=size, fit=settings.image.fit)
    files = open_source(settings.data.source).read(rows)
    with open_cluster() as cluster:
        found = decode_each(files, prepare, cluster)
        for path, image in follow(found, "decoding", len(rows), "image"):
            if isinstance(image, NotAnImage):
                raise InputError(
                    f"'{path}' could be read when it was looked at, and no longer can: {image}"
                )
            images[rows[path]] = image
    images.flush()


if __name__ == "__main__":
    run_stage(main)
