"""Measures which bursts are kept in one split, and which other images are taken for copies.

    python -m benchmarks.bursts SOURCE...

A source is what data.source may be, read by its folders. From 300 of its photographs bursts of
three frames are cut: the middle of the photograph as it is, and twice a little moved. Prints two
Markdown tables: what is joined of the bursts, and what of the images as they are, by bits and by
the rule in params.yaml.
"""

import io
import math
import sys
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageEnhance

from threeway.intake.bursts import MAX_DISTANCE, correlate, find_bursts, make_thumbnail
from threeway.intake.copies import fingerprint
from threeway.intake.decoding import decode_image
from threeway.intake.labelling import label_source
from threeway.intake.sources import open_source
from threeway.reading.markup import align_table
from threeway.settings import Data, load_settings

NUM_SCENES, MARGIN, SMALLEST = 300, 24, 140  # the last two in pixels
BITS = (4, 6, 8, 10, 12, 16)
# Whatever params.yaml says of its own source; no split is looked at.
BY_FOLDERS = {"layout": "auto", "table": "none", "group": "none", "division": "dissolve"}
PAIRS = ((0, 1), (0, 2), (1, 2))
# Shift in pixels, rotation in degrees, zoom and exposure as fractions, and whether JPEG quality 70.
KINDS = {
    **{f"shift by {pixels} pixels": (pixels, 0, 0, 0, False) for pixels in (1, 2, 3, 8, 16)},
    **{f"rotation by {degrees}°": (0, degrees, 0, 0, False) for degrees in (1, 2, 3)},
    **{f"zoom by {percent} %": (0, 0, percent / 100, 0, False) for percent in (1, 3)},
    "exposure ± 10 %": (0, 0, 0, 0.1, False),
    "JPEG quality 70": (0, 0, 0, 0, True),
    "steady hand: 2 pixels, 1°, 1 %, ± 5 %, JPEG": (2, 1, 0.01, 0.05, True),
    "loose hand: 8 pixels, 3°, 3 %, ± 10 %, JPEG": (8, 3, 0.03, 0.1, True),
}


def take_frame(image: Image.Image, move: tuple, rng: np.random.Generator) -> Image.Image:
    """Cuts out what a moved camera would see; each part of the move goes a random way."""
    shift, rotation, zoom, exposure, compress = move
    width, height = (side - 2 * MARGIN for side in image.size)
    direction = rng.uniform(0, 2 * math.pi)
    centre_x = image.width / 2 + round(shift * math.cos(direction))
    centre_y = image.height / 2 + round(shift * math.sin(direction))
    signs = rng.choice([-1, 1], 3)
    angle, scale = signs[0] * math.radians(rotation), 1 / (1 + signs[1] * zoom)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    offset_x = centre_x - cos * width / 2 + sin * height / 2
    offset_y = centre_y - sin * width / 2 - cos * height / 2
    affine = (cos, -sin, offset_x, sin, cos, offset_y)
    frame = image.transform(
        (width, height), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC
    )
    frame = ImageEnhance.Brightness(frame).enhance(1 + signs[2] * exposure)
    if compress:
        frame.save(buffer := io.BytesIO(), "JPEG", quality=70)
        frame = decode_image(buffer.getvalue())
    return frame


def compare_bursts(scenes: list[Image.Image], move: tuple, settings: Data) -> dict[str, str]:
    """Gives the shares of pairs and of whole scenes that are joined, in percent, by rule."""
    rng = np.random.default_rng(0)
    still = (0, 0, 0, 0, move[-1])
    bursts = [[take_frame(scene, how, rng) for how in (still, move, move)] for scene in scenes]
    prints = np.array([[fingerprint(frame) for frame in burst] for burst in bursts])
    thumbnails = np.array([[make_thumbnail(frame) for frame in burst] for burst in bursts])
    first, second = np.transpose(PAIRS)
    distance = np.bitwise_count(prints[:, first] ^ prints[:, second]).sum(axis=2)
    alike = [correlate(thumbnails[:, a], thumbnails[:, b]) for a, b in PAIRS]
    burst = (np.stack(alike, axis=1) >= settings.burst_correlation) & (distance <= MAX_DISTANCE)
    joined = {f"{bits} bits": distance <= bits for bits in BITS}
    joined["the rule"] = burst | (distance <= settings.near_copy_distance)
    # Two of the three pairs hold three frames together.
    return {
        rule: f"{100 * np.mean(found):.0f} / {100 * np.mean(found.sum(axis=1) >= 2):.0f}"
        for rule, found in joined.items()
    }


def find_all_pairs(prints: np.ndarray, max_distance: int) -> np.ndarray:
    """Finds all pairs within so many bits, of which find_near_pairs leaves some out: (pairs, 2)
    int, i < j.
    """
    pairs = [np.empty((0, 2), int)]
    for row in range(len(prints)):
        distance = np.bitwise_count(prints[row] ^ prints[row + 1 :]).sum(axis=1)
        others = row + 1 + np.flatnonzero(distance <= max_distance)
        pairs.append(np.stack([np.full(len(others), row), others], axis=1))
    return np.concatenate(pairs)


def count_joined(prints: np.ndarray, thumbnails: np.ndarray, classes, settings: Data) -> list[dict]:
    """Counts pairs that are joined and images in them: a row a class, and one between classes."""
    near = {f"{bits} bits": find_all_pairs(prints, bits) for bits in BITS}
    bursts = np.sort(find_bursts(prints, thumbnails, classes, settings.burst_correlation), axis=1)
    rule = np.concatenate([find_all_pairs(prints, settings.near_copy_distance), bursts])
    near["the rule"] = np.unique(rule, axis=0)
    rows = {name: {"class": name} for name in [*np.unique(classes), "two classes"]}
    for label, pairs in near.items():
        first, second = classes[pairs].T
        of_pair = np.where(first == second, first, "two classes")
        for name, row in rows.items():
            found = pairs[of_pair == name]
            row[label] = f"{len(found)} / {len(np.unique(found))}"
    return list(rows.values())


def measure(path: str, settings: Data) -> tuple[list[dict], list[dict]]:
    """Measures one source: a row a kind of burst, and a row a class."""
    source = open_source(path)
    entries = label_source(source, settings.model_copy(update=BY_FOLDERS))
    classes = {entry.path: entry.class_name for entry in entries if not entry.rejection}
    images = {found: decode_image(content) for found, content in source.read(sorted(classes))}
    prints = np.stack([fingerprint(image) for image in images.values()])
    thumbnails = np.stack([make_thumbnail(image) for image in images.values()])
    named = np.array([classes[found] for found in images], object)
    source_name = {"images": Path(path).name}
    large = [image for image in images.values() if min(image.size) >= SMALLEST]
    chosen = np.random.default_rng(0).permutation(len(large))[:NUM_SCENES]
    scenes = [large[number] for number in chosen]
    moved = [
        source_name | {"frames differ by": kind} | compare_bursts(scenes, move, settings)
        for kind, move in KINDS.items()
        if scenes
    ]
    counts = count_joined(prints, thumbnails, named, settings)
    return moved, [source_name | row for row in counts]


if __name__ == "__main__":
    found = [measure(path, load_settings("data").data) for path in sys.argv[1:]]
    for tables in zip(*found, strict=True):
        print(align_table(pd.DataFrame(list(chain(*tables)))), end="\n\n")
