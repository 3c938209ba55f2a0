"""Exact and near copies of an image, found so that they never sit on both sides of a split."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import imagehash
import joblib
import numpy as np
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree


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
    """Finds pairs that differ in at most max_distance bits: (pairs, 2) int, i < j.

    Not all, but enough to join the same images as all would: at most two an image. Plain images
    have one fingerprint, and all pairs of 50,000 placeholders would take 20 GB.

    Args:
        fingerprints: (images, 2) uint64.
        max_distance: bits of 128.
        tile: rows and columns that are compared at once: what a core's cache holds.
    """
    order = np.lexsort(fingerprints.T)
    is_equal = (fingerprints[order[1:]] == fingerprints[order[:-1]]).all(axis=1)
    # The sort is stable, so equals are a chain of ascending rows. The first speaks for the rest.
    equals = np.stack([order[:-1], order[1:]], axis=1)[is_equal]
    rows = np.sort(np.delete(order, 1 + np.flatnonzero(is_equal)))
    return np.concatenate([equals, rows[compare_all(fingerprints[rows], max_distance, tile)]])


def compare_all(fingerprints: np.ndarray, max_distance: int, tile: tuple[int, int]) -> np.ndarray:
    """Compares each with each, 2 x 64 bits at a time, as find_near_pairs describes it.

    Quadratic, but on two cores some seconds for 50,000 and ten minutes for a million; more than ten
    times as long where all are near but not equal, in memory that grows as the images do.
    """
    first, second = np.ascontiguousarray(fingerprints.T)

    def compare(start: int) -> np.ndarray:
        """Compares some rows with all that follow them."""
        rows, pairs = slice(start, start + tile[0]), np.empty((0, 2), int)
        for column in range(start, len(first), tile[1]):
            columns = slice(column, column + tile[1])
            distance = np.bitwise_count(first[rows, None] ^ first[columns])
            distance += np.bitwise_count(second[rows, None] ^ second[columns])
            found = np.argwhere(distance <= max_distance) + np.array([start, column])
            found = found[found[:, 0] < found[:, 1]]
            pairs = thin_pairs(np.concatenate([pairs, found]), len(first))
        return pairs

    pairs = np.empty((0, 2), int)
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        for found in pool.map(compare, range(0, len(first), tile[0])):
            pairs = thin_pairs(np.concatenate([pairs, found]), len(first))
    return pairs


def thin_pairs(pairs: np.ndarray, num_images: int) -> np.ndarray:
    """Leaves out pairs of images that others join, if there are more than two an image.

    Args:
        pairs: (pairs, 2) int, i < j.
        num_images: of which they are.
    """
    if len(pairs) <= 2 * num_images:
        return pairs
    edges = (np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1]))
    forest = minimum_spanning_tree(coo_array(edges, (num_images,) * 2))
    return np.stack(forest.nonzero(), axis=1).astype(int)


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
