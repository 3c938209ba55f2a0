"""Decodes and resizes every image once.

Reads data/pipeline/split.csv and data.source. Writes data/pipeline/images/: images.npy, (images,
size, size, 3) uint8, and index.csv, which says what its rows are.
"""

from functools import partial
from pathlib import Path

import numpy as np

from threeway.errors import InputError, run_stage
from threeway.examples.images import create_array, read_index
from threeway.intake.decoding import NotAnImage, decode_each, prepare_image
from threeway.intake.sources import open_source
from threeway.progress import follow
from threeway.settings import load_settings


def main() -> None:
    settings = load_settings("data", "image")
    size = settings.image.resolution
    index = read_index(Path("data/pipeline/split.csv"))[["path", "class", "split"]]
    rows = {path: row for row, path in enumerate(index["path"])}

    images = create_array(
        Path("data/pipeline/images/images.npy"), (len(index), size, size, 3), np.uint8
    )
    prepare = partial(prepare_image, size=size, fit=settings.image.fit)
    found = decode_each(open_source(settings.data.source).read(rows), prepare)
    for path, image in follow(found, "decoding", len(rows), "image"):
        if isinstance(image, NotAnImage):
            raise InputError(
                f"'{path}' could be read when it was split, and no longer can: {image}"
            )
        images[rows[path]] = image
    images.flush()
    index.to_csv("data/pipeline/images/index.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    run_stage(main)
