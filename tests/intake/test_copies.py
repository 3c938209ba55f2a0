"""Copies share a group, whatever was done to them; look-alikes do not."""

import io

import numpy as np
from PIL import Image

from tests.conftest import draw_image, encode
from threeway.intake.copies import (
    digest_pixels,
    find_near_pairs,
    fingerprint,
    group_copies,
    thin_pairs,
)


def group(images: list[Image.Image], max_distance: int = 4) -> list[str]:
    prints = np.stack([fingerprint(image) for image in images])
    pairs = find_near_pairs(prints, max_distance)
    return group_copies([digest_pixels(image) for image in images], pairs)


def test_digest_sees_pixels_not_files():
    image = draw_image("circle", 0)
    again = Image.open(io.BytesIO(encode(image, "BMP")))
    assert digest_pixels(again) == digest_pixels(image)
    assert digest_pixels(image.rotate(90)) != digest_pixels(image)
    assert digest_pixels(Image.new("RGB", (2, 8))) != digest_pixels(Image.new("RGB", (8, 2)))


def photograph(seed: int, size: int = 200) -> Image.Image:
    """Makes a smooth random picture, which has low frequencies as photographs have."""
    rng = np.random.default_rng(seed)
    noise = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
    return noise.resize((size, size), Image.Resampling.BICUBIC)


def test_resized_and_recompressed_copies_share_a_group():
    image = photograph(3)
    smaller = image.resize((90, 90), Image.Resampling.LANCZOS)
    worse = Image.open(io.BytesIO(encode(image, "JPEG", quality=40)))
    other = photograph(4)
    first, second, third, fourth = group([image, smaller, worse, other])
    assert first == second == third
    assert fourth != first


def test_groups_do_not_depend_on_order():
    images = [photograph(seed) for seed in range(5)]
    images.append(images[2].resize((60, 60)))
    names = group(images)
    assert names[5] == names[2] == min(map(digest_pixels, (images[2], images[5])))[:12]
    assert group(images[::-1]) == names[::-1]


TILES = ((1, 1), (7, 5), (5, 7), (64, 64), (128, 4096))


def find_one_by_one(prints: np.ndarray, max_distance: int) -> list[tuple[int, int]]:
    bits = np.unpackbits(prints.view(np.uint8), axis=1)
    rows = range(len(prints))
    return [
        (i, j) for i in rows for j in rows if i < j and np.sum(bits[i] != bits[j]) <= max_distance
    ]


def test_near_pairs_equal_those_found_one_by_one():
    rng = np.random.default_rng(0)
    prints = rng.integers(0, 2**63, (60, 2), dtype=np.uint64)
    prints[7] = prints[3] ^ np.array([0b101, 0b1], np.uint64)
    prints[50] = prints[20] ^ np.array([0b1, 0b11], np.uint64)
    prints[51] = prints[20] ^ np.array([0b1111, 0], np.uint64)
    expected = find_one_by_one(prints, 3)
    assert expected == [(3, 7), (20, 50)]
    for tile in TILES:
        assert sorted(map(tuple, find_near_pairs(prints, 3, tile).tolist())) == expected


def test_near_pairs_join_what_all_pairs_would():
    rng = np.random.default_rng(0)
    fewer = 0
    for num_bits in (1, 3, 5, 8, 12) * 3:
        digests = [f"{number:012}" for number in rng.permutation(50)]
        prints = rng.integers(0, 2**num_bits, (50, 2), dtype=np.uint64)
        expected = find_one_by_one(prints, 3)
        groups = group_copies(digests, np.array([*expected, (0, 0)]))
        for tile in TILES:
            found = [tuple(pair) for pair in find_near_pairs(prints, 3, tile).tolist()]
            assert len(set(found)) == len(found)
            assert set(found) <= set(expected)
            assert group_copies(digests, np.array([*found, (0, 0)])) == groups
            fewer += len(found) < len(expected)
    assert fewer > 20


def test_placeholders_are_joined_by_a_pair_each():
    prints = np.zeros((20_000, 2), np.uint64)
    prints[10] = [0, 2**40 - 1]
    rows = np.delete(np.arange(20_000), 10)
    expected = np.stack([rows[:-1], rows[1:]], axis=1)
    assert find_near_pairs(prints, 4).tolist() == expected.tolist()


def test_images_that_are_all_near_are_joined_by_two_pairs_each():
    prints = np.zeros((2**11, 2), np.uint64)
    prints[:, 1] = np.random.default_rng(0).permutation(2**11)
    for tile in ((128, 4096), (100, 300)):
        found = find_near_pairs(prints, 11, tile)
        assert len(found) <= 2 * 2**11
        assert len(set(group_copies([f"{row:012}" for row in range(2**11)], found))) == 1


def test_pairs_are_thinned_to_a_forest_where_they_are_more_than_two_an_image():
    five, six = (np.argwhere(np.triu(np.ones((size, size)), 1)) for size in (5, 6))
    assert thin_pairs(five, 5) is five
    assert len(thin_pairs(six, 6)) == 5
    two = np.concatenate([six, six + 6])
    found = thin_pairs(two, 12)
    assert set(map(tuple, found.tolist())) <= set(map(tuple, two.tolist()))
    names = [*"abcdefuvwxyz"]
    assert group_copies(names, found) == ["a"] * 6 + ["u"] * 6


def test_both_hashes_count_and_so_does_every_bit():
    prints = np.zeros((4, 2), np.uint64)
    prints[1] = [0b111, 0b1]  # 4 bits from the first
    prints[2] = [0b11111, 0]  # 5 bits from the first, 3 from the second
    prints[3] = [0, 0b11111]  # 5 bits from the first, 7 from the second
    assert find_near_pairs(prints, 4).tolist() == [[0, 1], [1, 2]]
    assert find_near_pairs(prints, 4, tile=(1, 1)).tolist() == [[0, 1], [1, 2]]
    assert find_near_pairs(prints[:0], 4).shape == (0, 2)
