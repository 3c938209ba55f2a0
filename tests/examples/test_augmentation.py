"""A view is a pure function of seed, image and view number, and does what the recipe says."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

from threeway.examples.augmentation import NUM_DRAWS, augment, draw, fresh_views

pytestmark = pytest.mark.usefixtures("deterministic")

NOTHING = dict.fromkeys(["rotation", "shift", "shear", "zoom", "contrast"], 0) | {
    "flip": "none",
    "fill": "nearest",
}
CENTRE = np.full((1, NUM_DRAWS), 0.5)


def recipe(**changes):
    return SimpleNamespace(**(NOTHING | changes))


def image(size=9):
    return np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)


def drawn(**values):
    names = ["rotation", "shift_x", "shift_y", "shear", "zoom", "flip_x", "flip_y", "contrast"]
    draws = CENTRE.copy()
    for name, value in values.items():
        draws[0, names.index(name)] = value
    return draws


def digest_each(count: int) -> np.ndarray:
    return np.array([hashlib.sha256(bytes([number])).hexdigest() for number in range(count)])


def test_an_empty_recipe_changes_nothing():
    draws = draw(1, 2, digest_each(1))
    assert np.array_equal(augment(recipe(), image(), draws), image())


def test_flips_mirror_exactly():
    flipped = augment(recipe(flip="both"), image(), drawn(flip_x=0.1, flip_y=0.1))
    assert np.allclose(flipped, image()[:, ::-1, ::-1], atol=1e-3)
    assert np.array_equal(augment(recipe(flip="both"), image(), drawn(flip_x=0.9)), image())


def test_a_shift_moves_by_whole_pixels_and_fills_with_the_edge():
    # A full shift of a third of nine pixels: the result shows what lies three to the right.
    moved = augment(recipe(shift=1 / 3), image(), drawn(shift_x=1.0))
    assert np.allclose(moved[:, :, :6], image()[:, :, 3:], atol=1e-2)
    assert np.allclose(moved[:, :, 6:], image()[:, :, 8:], atol=1e-2)


def test_a_quarter_turn_is_a_quarter_turn():
    turned = augment(recipe(rotation=90), image(), drawn(rotation=1.0))
    assert np.allclose(turned, np.rot90(image(), axes=(1, 2)), atol=1e-2) or np.allclose(
        turned, np.rot90(image(), -1, axes=(1, 2)), atol=1e-2
    )


def test_zoom_keeps_the_centre():
    zoomed = augment(recipe(zoom=0.5), image(), drawn(zoom=0.0))
    assert np.allclose(zoomed[0, 4, 4], image()[0, 4, 4], atol=1e-2)
    assert not np.allclose(zoomed, image(), atol=1)


def test_contrast_spreads_about_the_mean():
    grey = np.array([100, 120], np.uint8).repeat(3).reshape(1, 1, 2, 3).repeat(2, axis=1)
    spread = augment(recipe(contrast=0.5), grey, drawn(contrast=1.0))
    assert np.allclose(spread[0, 0, :, 0], [95, 125], atol=1e-3)


def test_constant_fill_is_white():
    black = np.zeros((1, 8, 8, 3), np.uint8)
    assert (
        augment(recipe(shift=0.5, fill="constant"), black, drawn(shift_y=1.0))[0, -1].min() == 255
    )


def test_values_stay_in_range():
    strong = recipe(rotation=90, shift=0.3, shear=30, zoom=0.5, flip="both", contrast=0.9)
    views = augment(strong, image(33), draw(4, 0, digest_each(1)))
    assert views.min() >= 0
    assert views.max() <= 255


def test_a_view_does_not_depend_on_batch_or_on_which_other_images_there_are():
    images = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    digests, strong = digest_each(6), recipe(rotation=20, shift=0.2)
    view = fresh_views(strong, images, digests, seed=5)
    together = view(np.arange(6), 2)
    apart = np.concatenate([view(np.array([row]), 2) for row in range(6)])
    assert np.array_equal(together, apart)
    # Another division: other images, in another order.
    some = np.array([4, 1, 3])
    divided = fresh_views(strong, images[some], digests[some], seed=5)
    assert np.array_equal(divided(slice(0, 3), 2), together[some])


@pytest.mark.parametrize("other", [(8, 3), (7, 4)])
def test_another_seed_or_view_is_another_view(other):
    digests = digest_each(4)
    assert not np.isclose(draw(7, 3, digests), draw(*other, digests)).any()


def test_what_decides_views_is_even_and_of_no_two_images_the_same():
    draws = draw(1, 0, digest_each(250))
    assert draws.shape == (250, NUM_DRAWS)
    assert len(np.unique(draws)) == draws.size
    # 2,000 draws in ten bins: the expected 200, by five of the binomial's standard deviations.
    assert np.abs(np.histogram(draws, bins=10, range=(0, 1))[0] - 200).max() < 5 * 13.4
