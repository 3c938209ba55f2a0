"""A view is a pure function of seed, image and view number, and does what the recipe says."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import NUM_DRAWS, augment, draw, fresh_views, show_plain
from threeway.streams import Stream, draw_by_name

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


COUNT = 400
DIGESTS = np.array([hashlib.sha256(str(number).encode()).hexdigest() for number in range(COUNT)])
# What images look like as they are: each its own number, below nothing.
PLAIN = -1 - np.arange(COUNT, dtype=np.float32)[:, None].repeat(2, axis=1)


def look(rows: np.ndarray, epoch: int) -> np.ndarray:
    """Shows each image as a view: its own number and the epoch's."""
    return np.stack([rows, np.full(len(rows), epoch)], axis=1).astype(np.float32)


def is_plain(share: float, key: tuple[int, ...] = (1, 1), epoch: int = 0) -> np.ndarray:
    """Says which images an epoch shows as they are: (images,) bool."""
    shown = show_plain(look, PLAIN, DIGESTS, share, key)(np.arange(COUNT), epoch)
    plain = (shown == PLAIN).all(axis=1)
    assert np.array_equal(shown[~plain], look(np.flatnonzero(~plain), epoch))
    return plain


def test_a_share_of_all_is_the_view_itself_and_one_of_none_no_view_at_all():
    assert show_plain(look, PLAIN, DIGESTS, 1, (1, 1)) is look

    def fail(rows: np.ndarray, epoch: int) -> np.ndarray:
        raise AssertionError("nothing is to be viewed")

    rows = np.array([7, 0, 7, 3])
    shown = show_plain(fail, PLAIN, DIGESTS, 0, (1, 1))(rows, 5)
    assert np.array_equal(shown, PLAIN[rows])
    assert shown.dtype == np.float32


def test_a_share_is_that_of_the_images_in_views_and_more_hold_those_of_less():
    quarter, most = is_plain(0.25), is_plain(0.9)
    # By four of the binomial's standard deviations.
    assert quarter.sum() == pytest.approx(300, abs=4 * np.sqrt(COUNT * 0.25 * 0.75))
    assert most.sum() == pytest.approx(40, abs=4 * np.sqrt(COUNT * 0.1 * 0.9))
    assert not np.any(most & ~quarter)
    drawn = draw_by_name(Stream.PLAIN, (1, 1, 0), DIGESTS, 1)[:, 0]
    assert np.array_equal(quarter, drawn >= 0.25)


def test_what_an_image_shows_is_its_own_whatever_the_batch_and_the_others():
    mixed = show_plain(look, PLAIN, DIGESTS, 0.5, (2, 3))
    rows = np.random.default_rng(0).permutation(COUNT)
    together = mixed(rows, 4)
    assert np.array_equal(np.concatenate([mixed(rows[:1], 4), mixed(rows[1:], 4)]), together)
    batches = [mixed(rows[start : start + 7], 4) for start in range(0, COUNT, 7)]
    assert np.array_equal(np.concatenate(batches), together)
    # Another division: other images, in another order.
    some = np.array([30, 1, 200, 77, 8, 150])

    def look_there(rows: np.ndarray, epoch: int) -> np.ndarray:
        return look(some[rows], epoch)

    divided = show_plain(look_there, PLAIN[some], DIGESTS[some], 0.5, (2, 3))
    assert np.array_equal(divided(np.arange(6), 4), mixed(some, 4))


def test_each_epoch_seed_and_fold_shows_others_as_they_are():
    first = is_plain(0.5)
    assert np.array_equal(first, is_plain(0.5))
    for other in (is_plain(0.5, epoch=1), is_plain(0.5, (2, 1)), is_plain(0.5, (1, 2))):
        # Half of them by chance.
        assert 0.4 < (first == other).mean() < 0.6


def test_images_in_a_file_are_shown_as_numbers_of_the_kind_that_views_are(tmp_path: Path):
    values = np.random.default_rng(1).integers(0, 256, (6, 4, 4, 3), dtype=np.uint8)
    stored = create_array(tmp_path / "images.npy", values.shape, np.uint8)
    stored[:] = values
    stored.flush()
    digests, strong = digest_each(6), recipe(rotation=20, shift=0.2)
    view = fresh_views(strong, values, digests, seed=5)
    order = np.array([4, 0, 5, 2])
    for inputs in (values, Rows(tmp_path / "images.npy")):
        shown = show_plain(view, inputs, digests, 0.5, (1, 1))(order, 0)
        assert shown.dtype == np.float32
        plain = draw_by_name(Stream.PLAIN, (1, 1, 0), digests[order], 1)[:, 0] >= 0.5
        assert plain.tolist() == [False, True, False, False]
        expected = np.where(plain[:, None, None, None], values[order], view(order, 0))
        assert np.array_equal(shown, expected)
