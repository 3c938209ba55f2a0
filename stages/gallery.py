"""Shows the images that the recommended scenario gets wrong and is surest of.

Reads data/pipeline/images/, metrics/comparison.json and metrics/<scenario>/predictions.csv. Writes
plots/gallery.png.
"""

from pathlib import Path, PurePosixPath

import numpy as np

from threeway.errors import run_stage
from threeway.examples.images import read_index
from threeway.predictions import read_predictions
from threeway.reading.captions import can_show, label_classes, shorten
from threeway.reading.grids import draw_gallery
from threeway.reading.mistakes import find_mistakes, name_choice
from threeway.records import read_json


def caption_file(number: int, path: str) -> str:
    """Captions an image by its number, and by its file's name if the font has the letters."""
    name = PurePosixPath(path).name
    return f"{number}. {shorten(name)}" if can_show(name) else f"{number}."


def main() -> None:
    evidence = read_json(Path("metrics/comparison.json"))
    choice = name_choice(evidence)
    predictions = read_predictions(Path("metrics", choice, "predictions.csv"), evidence["split"])
    index = read_index(Path("data/pipeline/images/index.csv"))
    rows = {path: row for row, path in enumerate(index["path"])}
    images = np.load("data/pipeline/images/images.npy", mmap_mode="r")

    mistakes = find_mistakes(predictions)
    labels = dict(zip(predictions.classes, label_classes(predictions.classes), strict=True))
    captions = [
        f"{caption_file(number, mistake.image)}\n{labels[mistake.actual]}\n"
        f"called {labels[mistake.predicted]}\n{100 * mistake.confidence:.0f} %"
        for number, mistake in enumerate(mistakes.itertuples(), start=1)
    ]
    shown = [images[rows[path]] for path in mistakes["image"]]
    draw_gallery(Path("plots/gallery.png"), np.array(shown), captions)


if __name__ == "__main__":
    run_stage(main)
