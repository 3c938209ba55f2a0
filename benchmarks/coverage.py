"""Simulates how often the intervals hold the truth.

    python -m benchmarks.coverage [EXPERIMENTS]

Each simulated experiment draws test images of different difficulty and seeds of different luck:
the log-odds of being right are base + image + seed, normal both. The truth is the accuracy over all
images and seeds. Prints a Markdown table; nominal coverage is 95 %.
"""

import sys
from itertools import product

import numpy as np
import pandas as pd

from threeway.evidence import significance
from threeway.evidence.intervals import estimate_accuracy
from threeway.reading.markup import align_table

# Standard deviation of the log-odds between images, which are easy or hard for all scenarios.
IMAGE_SD = 3.0


def simulate(rng, images: int, seeds: int, bases: list[float], seed_sd: float) -> list[np.ndarray]:
    """Draws who is right: a (seeds, images) bool for each scenario, on the same images."""
    shared = rng.normal(0, IMAGE_SD, images)
    drawn = []
    for base in bases:
        own = shared + rng.normal(0, IMAGE_SD / 2, images)
        odds = base + own + rng.normal(0, seed_sd, (seeds, 1))
        drawn.append(rng.random((seeds, images)) < 1 / (1 + np.exp(-odds)))
    return drawn


def measure(images: int, seeds: int, bases: list[float], seed_sd: float, experiments: int) -> dict:
    """Counts how often the intervals hold the truth, which a large simulation tells."""
    rng = np.random.default_rng(12345)
    truth = [scenario.mean() for scenario in simulate(rng, 4000, 2000, bases, seed_sd)]
    # The images of one simulation err together, so more than one is needed.
    for _ in range(9):
        more = [scenario.mean() for scenario in simulate(rng, 4000, 500, bases, seed_sd)]
        truth = [a + b for a, b in zip(truth, more, strict=True)]
    truth = [total / 10 for total in truth]
    held_accuracy = held_difference = 0
    for experiment in range(experiments):
        first, second = simulate(rng, images, seeds, bases, seed_sd)
        _, low, high = estimate_accuracy(first)
        held_accuracy += low <= truth[0] <= high
        _, low, high = significance.bootstrap_difference(first, second, seed=experiment)
        held_difference += low <= truth[0] - truth[1] <= high
    return {
        "test images": images,
        "seeds": seeds,
        "accuracies": " and ".join(f"{100 * share:.1f}" for share in truth),
        "sd of seeds (log-odds)": seed_sd,
        "accuracy holds": f"{100 * held_accuracy / experiments:.1f}",
        "difference holds": f"{100 * held_difference / experiments:.1f}",
    }


if __name__ == "__main__":
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    settings = product((100, 300), (1, 3, 5), ([4.0, 3.0], [7.0, 6.0]), (0.0, 0.3))
    rows = [measure(*setting, experiments) for setting in settings]
    print(align_table(pd.DataFrame(rows).astype(str)))
