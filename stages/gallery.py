"""Shows the test images that the best scenario gets wrong and is surest of.

Reads data/pipeline/images/, metrics/comparison.json and metrics/<scenario>/predictions.csv. Writes
plots/gallery.png.
"""

import json
from pathlib import Path

import numpy as np

from threeway.errors import run_stage
from threeway.figures import draw_gallery
from threeway.images import read_index
from threeway.predictions import Predictions, normalise, read_predictions

NUM_SHOWN = 16


def find_worst(test: Predictions) -> list[tuple[int, int, float]]:
    """Finds what is wrong on average over seeds, surest first: (image, predicted, probability)."""
    probabilities = normalise(test.probabilities).mean(axis=0)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != test.actual)
    ranked = wrong[np.argsort(-confidence[wrong], kind="stable")][:NUM_SHOWN]
    return [(int(image), int(predicted[image]), float(confidence[image])) for image in ranked]


def main() -> None:
    scenarios = json.loads(Path("metrics/comparison.json").read_text())["scenarios"]
    best = max(scenarios, key=lambda name: scenarios[name]["accuracy"])
    test = read_predictions(Path("metrics", best, "predictions.csv"), "test")
    index = read_index(Path("data/pipeline/images/index.csv"))
    rows = {path: row for row, path in enumerate(index["path"])}
    images = np.load("data/pipeline/images/images.npy", mmap_mode="r")

    worst = find_worst(test)
    captions = [
        f"{test.classes[test.actual[image]]}\ncalled {test.classes[predicted]}, {confidence:.2f}"
        for image, predicted, confidence in worst
    ]
    shown = [images[rows[test.images[image]]] for image, _, _ in worst]
    draw_gallery(Path("plots/gallery.png"), np.array(shown), captions)


if __name__ == "__main__":
    run_stage(main)
