"""Copies share a group, whatever was done to them; look-alikes do not."""

import io

import numpy as np
from PIL import Image

from tests.conftest import draw_image, encode
from threeway.intake.copies import digest_pixels, find_near_pairs, fingerprint, group_copies


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


def test_near_pairs_equal_those_found_one_by_one():
    rng = np.random.default_rng(0)
    prints = rng.integers(0, 2**63, (60, 2), dtype=np.uint64)
    prints[7] = prints[3] ^ np.array([0b101, 0b1], np.uint64)
    prints[50] = prints[3]
    bits = np.unpackbits(prints.view(np.uint8), axis=1)
    expected = [
        (i, j) for i in range(60) for j in range(i + 1, 60) if np.sum(bits[i] != bits[j]) <= 3
    ]
    assert expected == [(3, 7), (3, 50), (7, 50)]
    for tile in ((1, 1), (7, 5), (5, 7), (64, 64), (128, 4096)):
        assert sorted(map(tuple, find_near_pairs(prints, 3, tile).tolist())) == expected


def test_both_hashes_count_and_so_does_every_bit():
    prints = np.zeros((4, 2), np.uint64)
    prints[1] = [0b111, 0b1]  # 4 bits from the first
    prints[2] = [0b11111, 0]  # 5 bits from the first, 3 from the second
    prints[3] = [0, 0b11111]  # 5 bits from the first, 7 from the second
    assert find_near_pairs(prints, 4).tolist() == [[0, 1], [1, 2]]
    assert find_near_pairs(prints, 4, tile=(1, 1)).tolist() == [[0, 1], [1, 2]]
    assert find_near_pairs(prints[:0], 4).shape == (0, 2)
