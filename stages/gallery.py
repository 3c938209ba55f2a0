"""Shows the images whose label the scenario to use doubts most.

Reads data/pipeline/index.csv and images.npy, metrics/comparison.json and
metrics/<scenario>/predictions.csv. Writes plots/gallery.png.
"""

from pathlib import PurePosixPath

import numpy as np

from threeway.artefacts import IMAGES, INDEX, METRICS, PLOTS
from threeway.errors import run_stage
from threeway.evidence.answers import read_predictions
from threeway.evidence.suspects import NUM_SHOWN, find_suspects
from threeway.reading.captions import can_show, label_classes, shorten
from threeway.reading.grids import draw_gallery
from threeway.records import read_json, read_names
from threeway.run import PREDICTIONS


def caption_file(number: int, path: str) -> str:
    """Captions an image by its number, and by its file's name if the font has the letters."""
    name = PurePosixPath(path).name
    return f"{number}. {shorten(name)}" if can_show(name) else f"{number}."


def main() -> None:
    evidence = read_json(METRICS / "comparison.json")
    shown = METRICS / evidence["verdict"]["shown"] / PREDICTIONS
    predictions = read_predictions(shown, evidence["split"])
    rows = {path: row for row, path in enumerate(read_names(INDEX)["path"])}
    images = np.load(IMAGES, mmap_mode="r")

    suspects = find_suspects(predictions)[:NUM_SHOWN]
    labels = dict(zip(predictions.classes, label_classes(predictions.classes), strict=True))
    captions = [
        f"{caption_file(number, suspect.image)}\n{labels[suspect.given]}\n"
        f"called {labels[suspect.likely]}\n{100 * suspect.confidence:.0f} %"
        for number, suspect in enumerate(suspects.itertuples(), start=1)
    ]
    wrong = np.array([images[rows[path]] for path in suspects["image"]])
    draw_gallery(PLOTS / "gallery.png", wrong, captions)


if __name__ == "__main__":
    run_stage(main)
