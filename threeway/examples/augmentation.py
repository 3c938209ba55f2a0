"""Rotation, shift, shear, zoom and flip in one affine warp; every view can be drawn again.

View v of an image under seed s is a pure function of s, v and the image, which is known by the
digest of its pixels: it is the same view whatever other images there are, whichever of them train,
and in whatever batches or threads.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from threeway.examples.arrays import Rows
from threeway.runtime import tf
from threeway.streams import Stream, draw_by_name

# Rotation, shift x, shift y, shear, zoom, flip x, flip y, contrast.
NUM_DRAWS = 8


class View(NamedTuple):
    """Which view of an image; what it shows also depends on the image."""

    seed: int
    number: int


class Recipe(Protocol):
    """The section `augmentation` of params.yaml, which states the units."""

    rotation: float
    shift: float
    shear: float
    zoom: float
    flip: str
    contrast: float
    fill: str


def draw(seed: int, view: int, digests: Sequence[str]) -> np.ndarray:
    """Draws what decides one view of each image: (images, NUM_DRAWS) float64 in [0, 1).

    Args:
        seed: decides the views.
        view: the number of the view.
        digests: sha256 of each image's pixels, as hex.
    """
    return draw_by_name(Stream.VIEW, (seed, view), digests, NUM_DRAWS)


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


def make_view(recipe: Recipe, images: np.ndarray, digests: Sequence[str], view: View) -> np.ndarray:
    """Makes a view of each image, as augment returns it.

    Args:
        recipe: how far each part goes at most.
        images: (batch, size, size, 3) uint8.
        digests: sha256 of each image's pixels, as hex.
        view: which one.
    """
    return augment(recipe, images, draw(view.seed, view.number, digests))


def show_plain(
    view: Callable[[np.ndarray, int], np.ndarray],
    inputs: np.ndarray | Rows,
    digests: np.ndarray,
    share: float,
    key: tuple[int, ...],
) -> Callable[[np.ndarray, int], np.ndarray]:
    """Makes the function that shows some images of an epoch as they are, and the rest in views.

    Args:
        view: (rows, epoch) -> (rows, ...), what views of the images look like.
        inputs: (images, ...), what the images look like as they are.
        digests: (images,) sha256 of each image's pixels, as hex.
        share: of views.
        key: decides which images an epoch shows as they are.
    """
    if share == 1:
        return view

    def mixed(rows: np.ndarray, epoch: int) -> np.ndarray:
        drawn = draw_by_name(Stream.PLAIN, (*key, epoch), digests[rows], 1)[:, 0]
        plain = drawn >= share
        shown = np.empty((len(rows), *inputs.shape[1:]), np.float32)
        shown[plain] = inputs[rows[plain]]
        if not plain.all():
            shown[~plain] = view(rows[~plain], epoch)
        return shown

    return mixed


def fresh_views(
    recipe: Recipe, images: np.ndarray | Rows, digests: np.ndarray, seed: int
) -> Callable[[slice | np.ndarray, int], np.ndarray]:
    """Makes the function that shows images anew each epoch: (rows, view) -> what augment returns.

    Args:
        recipe: how far each part goes at most.
        images: (images, size, size, 3) uint8.
        digests: (images,) sha256 of each image's pixels, as hex.
        seed: decides the views.
    """

    def view(rows: slice | np.ndarray, number: int) -> np.ndarray:
        return make_view(recipe, images[rows], digests[rows], View(seed, number))

    return view
