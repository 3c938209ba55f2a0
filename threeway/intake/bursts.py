"""Photographs of one scene, a little moved, which leak from split to split as copies do.

A burst is beyond what perceptual hashes tell from look-alikes. So they only propose pairs, and the
phase correlation of thumbnails decides.
"""

from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import scipy.fft
from PIL import Image

# Pixels a side of a thumbnail. Smaller images have too little detail to tell trousers apart by.
SIDE = 64
# Bits of 128 in which the fingerprints of candidates may differ.
MAX_DISTANCE = 20
# Candidates of one image, at most: they bound the time where all images are alike.
MAX_CANDIDATES = 32


def make_thumbnail(image: Image.Image) -> np.ndarray:
    """Shrinks an image to its grey thumbnail: (64, 64) uint8; black if the image is smaller."""
    if min(image.size) < SIDE:
        return np.zeros((SIDE, SIDE), np.uint8)
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def find_candidates(fingerprints: np.ndarray, num_cells: int = 2**18) -> np.ndarray:
    """Finds pairs that may be of one burst, most of them both ways round: (pairs, 2) int.

    They are each image's nearest. Of those that are equally far all are taken or none, so that the
    order of the images does not matter.

    Args:
        fingerprints: (images, 2) uint64.
        num_cells: pairs that a core compares at once, which bounds the memory.
    """
    first, second = np.ascontiguousarray(fingerprints.T)
    block = max(num_cells // max(len(first), 1), 1)

    def compare(start: int) -> np.ndarray:
        """Compares some rows with all."""
        rows = np.arange(start, min(start + block, len(first)))
        distance = np.bitwise_count(first[rows, None] ^ first)
        distance += np.bitwise_count(second[rows, None] ^ second)
        # An image is no candidate for itself.
        distance[rows - start, rows] = 255
        limit = np.full((len(rows), 1), MAX_DISTANCE + 1)
        if len(first) > MAX_CANDIDATES:
            next_one = np.partition(distance, MAX_CANDIDATES, axis=1)[:, MAX_CANDIDATES, None]
            limit = np.minimum(limit, next_one)
        return np.argwhere(distance < limit) + np.array([start, 0])

    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        found = pool.map(compare, range(0, len(first), block))
        return np.concatenate([np.empty((0, 2), int), *found])


def correlate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Measures how far thumbnails are the same but for a shift: (pairs,) float, at most 1.

    It is the peak of their phase correlation, to which every detail gives as much as the outline:
    about 1 for copies, 0.1 for two scenes.

    Args:
        first: (pairs, 64, 64) uint8.
        second: (pairs, 64, 64) uint8.

    Source: Kuglin and Hines, "The phase correlation image alignment method", 1975.
    """
    # Without it the edges of the image are the strongest contours of all.
    window = np.outer(*[np.hanning(SIDE + 2)[1:-1].astype(np.float32)] * 2)
    spectra = []
    for thumbnails in (first, second):
        centred = thumbnails - thumbnails.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
        spectra.append(scipy.fft.rfft2(centred * window))
    product = spectra[0] * spectra[1].conj()
    # What is fainter than noise of one grey level hardly counts: plain grounds are all alike.
    product /= np.abs(product) + np.sum(window**2)
    return scipy.fft.irfft2(product).max(axis=(1, 2))


def find_bursts(
    fingerprints: np.ndarray, thumbnails: np.ndarray, classes: np.ndarray, min_correlation: float
) -> np.ndarray:
    """Finds pairs of images that show one scene: (pairs, 2) int.

    Only within a class: small things of two classes before one ground look like a burst too, and
    what shares a group under two labels is left out.

    Args:
        fingerprints: (images, 2) uint64, see copies.fingerprint.
        thumbnails: (images, 64, 64) uint8.
        classes: (images,) class name of each.
        min_correlation: see correlate.
    """
    pairs = [np.empty((0, 2), int)]
    detailed = thumbnails.any(axis=(1, 2))
    for name in np.unique(classes):
        rows = np.flatnonzero((classes == name) & detailed)
        candidates = rows[find_candidates(fingerprints[rows])]
        for some in np.array_split(candidates, len(candidates) // 1024 + 1):
            correlation = correlate(thumbnails[some[:, 0]], thumbnails[some[:, 1]])
            pairs.append(some[correlation >= min_correlation])
    return np.concatenate(pairs)
