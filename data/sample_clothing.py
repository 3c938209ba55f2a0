"""Draws data/clothing.zip, the embedded data set, from Debian's Fashion-MNIST.

    apt-get download dataset-fashion-mnist
    dpkg -x dataset-fashion-mnist_*.deb fashion
    python data/sample_clothing.py fashion/usr/share/datasets/fashion-mnist

Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for
benchmarking machine learning algorithms", 2017 (MIT licence).
"""

import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 2026
NUM_PER_CLASS = 500
# The clothing paper's four classes, as Fashion-MNIST labels. Dress and Bag fit none of them.
CLASSES = {
    "tops": {0: "t-shirt", 2: "pullover", 6: "shirt"},
    "bottoms": {1: "trouser"},
    "outerwear": {4: "coat"},
    "shoes": {5: "sandal", 7: "sneaker", 9: "ankle-boot"},
}


def read_idx(path: Path) -> np.ndarray:
    """Reads a gzipped IDX file of unsigned bytes: images (count, 28, 28) or labels (count,)."""
    raw = gzip.decompress(path.read_bytes())
    num_dims = raw[3]
    shape = np.frombuffer(raw, ">i4", count=num_dims, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * num_dims).reshape(shape)


def sample(labels: np.ndarray) -> list[tuple[str, int]]:
    """Draws NUM_PER_CLASS images a class: (path in the zip, index in the training file)."""
    rng = np.random.default_rng(SEED)
    chosen = []
    for class_name, articles in CLASSES.items():
        members = np.flatnonzero(np.isin(labels, list(articles)))
        for index in sorted(rng.choice(members, NUM_PER_CLASS, replace=False)):
            article = articles[int(labels[index])]
            chosen.append((f"clothing/{class_name}/{article}-{index:05d}.png", int(index)))
    return chosen


def encode_png(pixels: np.ndarray) -> bytes:
    """Encodes one grey image, (28, 28) uint8, as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main(source: Path) -> None:
    target = Path(__file__).with_name("clothing.zip")
    images = read_idx(source / "train-images-idx3-ubyte.gz")
    labels = read_idx(source / "train-labels-idx1-ubyte.gz")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, index in sample(labels):
            # ZipInfo's default date, 1980-01-01, keeps the zip the same at every run.
            archive.writestr(zipfile.ZipInfo(name), encode_png(images[index]))
    print(hashlib.sha256(target.read_bytes()).hexdigest(), target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
