"""Photographs of one scene share a group; look-alikes do not."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance

from tests.conftest import encode, read_data
from threeway.intake import bursts
from threeway.intake.bursts import correlate, find_bursts, find_candidates, make_thumbnail
from threeway.intake.copies import digest_pixels, find_near_pairs, fingerprint
from threeway.intake.uniting import describe_image, group_images


def draw_scene(seed: int, size: int = 300) -> Image.Image:
    """Draws areas and details at random, the finer the fainter, as photographs have them."""
    rng = np.random.default_rng(seed)
    scene = np.zeros((size, size))
    for cells in (4, 8, 16, 32, 64, 128):
        noise = Image.fromarray(rng.normal(0, 180 / cells**0.7, (cells, cells)).astype(np.float32))
        scene += np.asarray(noise.resize((size, size), Image.Resampling.BICUBIC))
    grey = (scene + 128).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.dstack([grey, grey, grey[::-1] // 8 + 100]))


def move(scene: Image.Image, right: int, down: int, degrees: float = 0) -> Image.Image:
    """Takes the middle of a scene with a camera that moved, by pixels, or turned."""
    box = (20 + right, 20 + down, scene.width - 20 + right, scene.height - 20 + down)
    return scene.rotate(degrees, Image.Resampling.BICUBIC).crop(box)


def draw_trousers(seed: int, size: int = 200) -> Image.Image:
    """Draws trousers on a plain ground: each of its own cloth, and of nearly the same cut."""
    y, x = np.mgrid[:size, :size] / size
    waist, flare, crotch = np.random.default_rng(seed).uniform(0.9, 1.1, 3) * (0.12, 0.15, 0.3)
    cut = (abs(x - 0.5) < waist + flare * y) & (abs(x - 0.5) > 0.25 * (y - crotch))
    cloth = np.asarray(draw_scene(seed, size)) // 2 + 40
    return Image.fromarray(np.where((cut & (y > 0.1))[..., None], cloth, 235).astype(np.uint8))


def describe(images: list[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
    prints = np.stack([fingerprint(image) for image in images])
    return prints, np.stack([make_thumbnail(image) for image in images])


def find_pairs(images: list[Image.Image], classes: list[str] | None = None, least: float = 0.4):
    named = np.array(classes or ["a"] * len(images))
    return {tuple(sorted(pair)) for pair in find_bursts(*describe(images), named, least).tolist()}


def test_a_moved_turned_and_brighter_photograph_is_of_the_burst_and_no_near_copy():
    scene = draw_scene(0)
    frames = [
        move(scene, 0, 0),
        ImageEnhance.Brightness(move(scene, 2, 3, degrees=1)).enhance(1.1),
        move(draw_scene(1), 0, 0),
        move(draw_scene(1), 3, -2),
    ]
    assert find_pairs(frames) == {(0, 1), (2, 3)}
    assert find_near_pairs(describe(frames)[0], 4).tolist() == []


def test_trousers_of_nearly_one_cut_are_candidates_and_no_burst():
    trousers = [draw_trousers(seed) for seed in range(12)]
    assert len(find_candidates(describe(trousers)[0])) > 30
    assert find_pairs(trousers) == set()


def test_a_burst_is_of_one_class():
    frames = [move(draw_scene(0), shift, 0) for shift in (0, 2, 3)]
    assert find_pairs(frames, ["a", "b", "a"]) == {(0, 2)}


def test_a_correlation_of_one_joins_none():
    frames = [move(draw_scene(0), shift, 0) for shift in (0, 2)]
    assert find_pairs(frames, least=0.4) == {(0, 1)}
    assert find_pairs(frames, least=1) == set()


@pytest.mark.parametrize(("side", "found"), [(64, {(0, 1)}), (63, set())])
def test_images_below_the_thumbnails_size_are_in_no_burst(side, found):
    frames = [move(draw_scene(0), shift, 0).resize((80, side)) for shift in (0, 2)]
    assert find_pairs(frames) == found


def test_a_thumbnail_is_grey_and_of_the_whole_image():
    image = Image.new("RGB", (128, 256), (10, 10, 10))
    image.paste((200, 200, 200), (64, 0, 128, 256))
    thumbnail = make_thumbnail(image)
    assert (thumbnail.shape, thumbnail.dtype) == ((64, 64), np.uint8)
    assert (thumbnail[:, :31] == 10).all()
    assert (thumbnail[:, 33:] == 200).all()


def test_correlation_sees_shifts_and_neither_brightness_nor_plain_grounds():
    scene, other = (describe([draw_scene(seed)])[1] for seed in (0, 1))
    darker = (scene // 2 + 20).astype(np.uint8)
    plain = np.full_like(scene, 77)
    assert correlate(scene, scene)[0] > 0.8
    assert correlate(scene, darker)[0] > 0.6
    assert correlate(scene, np.roll(scene, (2, -3), (1, 2)))[0] > 0.6
    assert correlate(scene, other)[0] < 0.2
    assert correlate(plain, plain)[0] == 0
    assert correlate(scene, plain)[0] == 0


def test_candidates_equal_those_found_one_by_one():
    rng = np.random.default_rng(0)
    prints = rng.integers(0, 2**63, (40, 2), dtype=np.uint64)
    for row in range(1, 12):
        # Each set of bits holds the one before.
        prints[row] = prints[0] ^ np.array([2**row - 1, 2**row - 1], np.uint64)
    bits = np.unpackbits(prints.view(np.uint8), axis=1)
    distance = (bits[:, None] != bits).sum(axis=2)
    expected = [(i, j) for i in range(40) for j in range(40) if i != j and distance[i, j] <= 20]
    assert (0, 10) in expected
    assert (0, 11) not in expected
    for num_cells in (1, 7 * 40, 10_000):
        assert [tuple(pair) for pair in find_candidates(prints, num_cells).tolist()] == expected
    assert find_candidates(prints[:0]).shape == (0, 2)


def test_the_nearest_are_candidates_and_of_equals_all_or_none(monkeypatch):
    monkeypatch.setattr(bursts, "MAX_CANDIDATES", 2)
    prints = np.zeros((5, 2), np.uint64)
    prints[:, 0] = [0, 0b1, 0b11, 0b111, 0b110000]
    # From 0: 1, 2, 3 and 2 bits, so the second nearest are two. From 1: 1, 1, 2 and 3.
    found = find_candidates(prints).tolist()
    assert [pair for pair in found if pair[0] in (0, 1)] == [[0, 1], [1, 0], [1, 2]]


def test_near_copies_and_bursts_share_the_group_of_the_smallest_digest():
    scene = draw_scene(0)
    frames = [move(scene, 0, 0), move(scene, 3, 0), move(scene, 0, 0).resize((130, 130))]
    frames.append(move(draw_scene(1), 0, 0))
    digests = [digest_pixels(frame) for frame in frames]
    prints, thumbnails = describe(frames)
    images = pd.DataFrame({"class": "a", "sha256": digests, "given": ""})
    images["fingerprint"], images["thumbnail"] = list(prints), list(thumbnails)
    expected = [min(digests[:3])[:12]] * 3 + [digests[3][:12]]
    data = read_data()
    assert list(group_images(images, data)["group"]) == expected
    without = group_images(images, data.model_copy(update={"burst_correlation": 1.0}))
    assert list(without["group"]) == list(without["copies"]) != expected


def test_a_burst_of_two_classes_is_none_and_what_is_said_to_belong_together_does():
    frames = [move(draw_scene(number), 3 * moved, 0) for number in range(3) for moved in range(2)]
    images = pd.DataFrame([describe_image(encode(frame)) for frame in frames])
    assert images[["width", "height"]].to_numpy().tolist() == [[260, 260]] * 6
    images = images.assign(**{"class": [*"aaabbb"], "given": ["p", "", "", "", "", "p"]})
    found = group_images(images, read_data())
    assert found["copies"].nunique() == 6
    # The second scene's frames have two classes; of the first and the third one is of p.
    assert found["group"].factorize()[0].tolist() == [0, 0, 1, 2, 0, 0]
