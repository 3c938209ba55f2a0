"""Rotation, shift, shear, zoom and flip in one affine warp; every view can be drawn again.

View v of image i under seed s is a pure function of (s, i, v): the numbers behind it come from
one generator for (s, v), of which image i takes row i. Neither threads nor batches matter.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np

from threeway.runtime import tf

# Rotation, shift x, shift y, shear, zoom, flip x, flip y, contrast.
NUM_DRAWS = 8
# Sets these random numbers apart from those that a run draws for other ends with the same seed.
STREAM = 1


class Recipe(Protocol):
    """The section `augmentation` of params.yaml, which states the units."""

    rotation: float
    shift: float
    shear: float
    zoom: float
    flip: str
    contrast: float
    fill: str


# An epoch asks for its numbers batch by batch.
@lru_cache(maxsize=2)
def draw(seed: int, view: int, num_images: int) -> np.ndarray:
    """Draws what decides one view of every image: (num_images, NUM_DRAWS) float64 in [0, 1).

    Row i is the same whatever num_images is. The array is shared: do not write to it.
    """
    return np.random.default_rng([STREAM, seed, view]).random((num_images, NUM_DRAWS))


def compose_transforms(recipe: Recipe, draws: np.ndarray, size: int) -> np.ndarray:
    """Composes each row's warp: (rows, 8) float32, for ImageProjectiveTransformV3.

    The eight numbers map a pixel of the result to where it comes from; all warps turn about
    the image's centre.

    Args:
        recipe: how far each part goes at most.
        draws: (rows, NUM_DRAWS) in [0, 1).
        size: pixels a side.
    """
    signed = 2 * draws - 1
    angle = np.deg2rad(recipe.rotation) * signed[:, 0]
    shift_x, shift_y = (recipe.shift * size * signed[:, 1:3]).T
    shear = np.tan(np.deg2rad(recipe.shear) * signed[:, 3])
    zoom = 1 + recipe.zoom * signed[:, 4]
    flip_x = np.where((draws[:, 5] < 0.5) & (recipe.flip in ("horizontal", "both")), -1.0, 1.0)
    flip_y = np.where((draws[:, 6] < 0.5) & (recipe.flip in ("vertical", "both")), -1.0, 1.0)

    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    # Rotation and zoom, after shear along x, after the flips.
    a, b = flip_x * cos, flip_y * (shear * cos - sin)
    c, d = flip_x * sin, flip_y * (shear * sin + cos)
    centre = (size - 1) / 2
    offset_x = centre + shift_x - (a + b) * centre
    offset_y = centre + shift_y - (c + d) * centre
    zero = np.zeros_like(a)
    rows = np.stack([a, b, offset_x, c, d, offset_y, zero, zero], axis=1)
    return rows.astype(np.float32)


def augment(recipe: Recipe, images: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Makes one view of each image.

    Args:
        recipe: how far each part goes at most.
        images: (batch, size, size, 3) uint8.
        draws: (batch, NUM_DRAWS), the rows of `draw` that belong to these images.

    Returns:
        (batch, size, size, 3) float32 in [0, 255].
    """
    size = images.shape[1]
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32),
        transforms=compose_transforms(recipe, draws, size),
        output_shape=[size, size],
        interpolation="BILINEAR",
        fill_mode=recipe.fill.upper(),
        fill_value=255.0,
    )
    if recipe.contrast:
        mean = tf.reduce_mean(warped, axis=[1, 2], keepdims=True)
        factor = 1 + recipe.contrast * (2 * draws[:, 7, None, None, None] - 1)
        warped = tf.clip_by_value(mean + (warped - mean) * factor.astype(np.float32), 0, 255)
    return warped.numpy()


def fresh_views(
    recipe: Recipe, images: np.ndarray, seed: int
) -> Callable[[slice | np.ndarray, int], np.ndarray]:
    """Makes the function that shows images anew each epoch: (rows, view) -> what augment returns.

    Args:
        recipe: how far each part goes at most.
        images: (images, size, size, 3) uint8.
        seed: decides the views.
    """

    def view(rows: slice | np.ndarray, number: int) -> np.ndarray:
        return augment(recipe, images[rows], draw(seed, number, len(images))[rows])

    return view
