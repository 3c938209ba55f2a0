"""Exact and near copies of an image, found so that they never sit on both sides of a split."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import imagehash
import joblib
import numpy as np
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def digest_pixels(image: Image.Image) -> str:
    """Digests what is seen, not how it is stored: sha256 over size and RGB pixels, as hex."""
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()


def fingerprint(image: Image.Image) -> np.ndarray:
    """Computes two perceptual hashes of 64 bits each: (2,) uint64.

    One sees low frequencies (pHash), the other horizontal gradients (dHash). Neither alone is
    enough: trousers on a plain ground are within 4 bits of each other by pHash. Both together,
    at a distance of 4 of 128 bits, see a copy that was resized, recompressed or made a tenth
    brighter. They do not see one that was mirrored or turned, nor the next photograph of a burst:
    a shift by 2 of 150 pixels changes as many bits as lie between two pairs of trousers. What they
    see of shifts, turns and zooms, and what bursts.py adds, is measured: benchmarks/README.md.

    Source: Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010;
    Krawetz, "Kind of like that", 2013; both as the ImageHash library has them.
    """
    bits = [imagehash.phash(image).hash, imagehash.dhash(image).hash]
    return np.packbits(np.stack(bits).reshape(2, 64), axis=1).view(np.uint64)[:, 0]


def find_near_pairs(
    fingerprints: np.ndarray, max_distance: int, tile: tuple[int, int] = (128, 4096)
) -> np.ndarray:
    """Finds all pairs that differ in at most max_distance bits: (pairs, 2) int, i < j.

    Compares each with each, 2 x 64 bits at a time: quadratic, but on two cores some seconds for
    50,000 and ten minutes for a million.

    Args:
        fingerprints: (images, 2) uint64.
        max_distance: bits of 128.
        tile: rows and columns that are compared at once: what a core's cache holds.
    """
    first, second = np.ascontiguousarray(fingerprints.T)

    def compare(start: int) -> list[np.ndarray]:
        """Compares some rows with all that follow them."""
        rows, pairs = slice(start, start + tile[0]), []
        for column in range(start, len(first), tile[1]):
            columns = slice(column, column + tile[1])
            distance = np.bitwise_count(first[rows, None] ^ first[columns])
            distance += np.bitwise_count(second[rows, None] ^ second[columns])
            found = np.argwhere(distance <= max_distance) + np.array([start, column])
            pairs.append(found[found[:, 0] < found[:, 1]])
        return pairs

    pairs = [np.empty((0, 2), int)]
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        for found in pool.map(compare, range(0, len(first), tile[0])):
            pairs += found
    return np.concatenate(pairs)


def group_copies(digests: list[str], pairs: np.ndarray) -> list[str]:
    """Names the group of each image; copies, and copies of copies, share one.

    Args:
        digests: hex digest of each image's pixels.
        pairs: (pairs, 2) int, images that belong together.
    """
    num_images = len(digests)
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), (num_images,) * 2)
    _, component = connected_components(graph, directed=False)
    return name_components(digests, component)


def name_components(digests: Sequence[str], component: np.ndarray) -> list[str]:
    """Names the group of each image by the smallest digest in it, so that its name depends neither
    on the order of the images nor on which others there are.

    Args:
        digests: hex digest of each image's pixels.
        component: (images,) int, the number of its group.
    """
    smallest: dict[int, str] = {}
    for index, digest in zip(component, digests, strict=True):
        smallest[index] = min(digest, smallest.get(index, digest))
    return [smallest[index][:12] for index in component]
