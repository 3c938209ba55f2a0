"""Generated images that are as hard to decode as photographs, for where there are none."""

import multiprocessing
import os
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("amber", "blue", "coral", "green")
TINTS = ((200, 150, 60), (60, 90, 190), (220, 110, 90), (70, 150, 80))


def generate_images(folder: Path, count: int, shape: tuple[int, int]) -> Path:
    """Writes JPEGs that are as hard to decode as photographs, in class folders.

    Args:
        folder: for the class folders.
        count: images in all, no two alike.
        shape: width and height in pixels.
    """
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
    # Not forked, which is unsafe in a process that has threads.
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        pool.map(partial(write_image, folder, shape), range(count), chunksize=64)
    return folder


def write_image(folder: Path, shape: tuple[int, int], number: int) -> None:
    """Draws noise, coarse to fine, about the colour of a class."""
    rng, label = np.random.default_rng(number), number % len(CLASSES)
    width, height = shape
    pixels = np.full((height, width, 3), TINTS[label], np.float32)
    for cells, contrast in ((6, 40), (24, 30), (96, 20)):
        noise = rng.normal(0, contrast, (cells, cells, 3)).clip(-100, 100) + 128
        coarse = Image.fromarray(noise.astype(np.uint8))
        pixels += np.asarray(coarse.resize(shape, Image.Resampling.BICUBIC), np.float32) - 128
    pixels += rng.normal(0, 5, (height, width, 1))
    path = folder / CLASSES[label] / f"{number:06d}.jpg"
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=85)
