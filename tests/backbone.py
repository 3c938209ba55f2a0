"""A backbone that is at hand, and what it sees: MobileNetV2 of random weights, and noise."""

import hashlib

import numpy as np

from stages.backbone import draw_random
from threeway.networks.transfer import build_backbone
from threeway.networks.weights import Weights
from threeway.runtime import keras
from threeway.settings import Augmentation

RECIPE = Augmentation(
    rotation=20, shift=0.2, shear=0, zoom=0.2, flip="both", contrast=0.2, fill="nearest"
)


def draw_weights() -> Weights:
    """Draws weights in which BatchNormalization does something; in Keras' own it does not."""
    rng, weights = np.random.default_rng(0), draw_random()
    for name, arrays in weights.items():
        if len(arrays) == 4:
            weights[name] = [rng.uniform(0.5, 1.5, one.shape).astype(np.float32) for one in arrays]
    return weights


def build_random(size: int) -> keras.Model:
    """Builds a backbone with these weights, which sees pixels as [-1, 1]."""
    return build_backbone(size, [-1, 1], draw_weights())


def draw_noise(count: int, size: int) -> np.ndarray:
    """Draws images: (count, size, size, 3) uint8."""
    return np.random.default_rng(1).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def digest_images(images: np.ndarray) -> np.ndarray:
    """Digests images as index.csv does: (images,) sha256 of each one's pixels, as hex."""
    return np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    """Makes sure that two ways to compute the same differ by rounding alone."""
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
