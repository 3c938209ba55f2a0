"""Forecasts from half of the training images beside what all of them gave.

    python -m benchmarks.forecasts SOURCE RESOLUTION [SEED...]

SOURCE is a folder of images. For each seed of the division (1, 2 and 3 without any) heads are
trained on a sixteenth, an eighth, a quarter and a half of each fold's training images, and on all;
the forecast for twice the half knows nothing of the last. It works in a copy of the project, whose
backbone embeds the images once.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.checkout import change_params, copy_working_tree, run
from threeway.artefacts import GROUPS, TEST
from threeway.evidence.answers import Predictions, read_predictions
from threeway.evidence.growth import Size, forecast
from threeway.evidence.more_images import count_trained_on, score_marks
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.predictions import join_predictions
from threeway.reading.markup import align_table
from threeway.reading.tables import format_interval, format_percent
from threeway.records import read_names

SHARES = [0.0625, 0.125, 0.25, 0.5]
HEADS = "feature_extraction"


def train(project: Path, source: str, resolution: int, seed: int) -> None:
    """Trains the heads of one division, on shares and on all, and has them tested."""
    change_params(
        project,
        {
            "data": {"source": source, "seed": seed},
            "image": {"resolution": resolution},
            "learning_curve": {"shares": SHARES, "scenarios": [HEADS]},
        },
    )
    run(project, "dvc", "repro", HEADS)
    run(project, sys.executable, "-m", "stages.learning_curve")
    run(project, sys.executable, "-m", "stages.evaluate", HEADS)


def read_answers(project: Path) -> Predictions:
    """Reads the answers of heads that learnt from all training images, and which images belong
    together.
    """
    table, path = read_names(project / GROUPS), project / "answers.csv"
    groups = dict(zip(table["path"], table["group"], strict=True))
    join_predictions(path, [project / TEST / f"{HEADS}.csv"], groups)
    return read_predictions(path, "test")


def compare(project: Path, seed: int) -> dict[str, str]:
    """Compares the forecast from half of the images with what all gave."""
    answers = read_answers(project)
    path = project / TEST / "learning_curve" / f"{HEADS}.csv"
    marks = pd.read_csv(path, dtype={"image": str}, keep_default_na=False)
    sizes = [
        Size(count_trained_on(some), score_marks(some, answers))
        for _, some in marks.groupby("share")
    ]
    found, (measured, _, _) = forecast(sizes), estimate_accuracy(answers)
    known = found.reason is None
    inside = known and found.low <= measured.mean <= found.high
    return {
        "seed": str(seed),
        "images": f"{sizes[-1].trained_on:,.0f}",
        "accuracy, %": format_percent(float(np.mean(sizes[-1].scores.values))),
        "forecast": format_percent(found.accuracy) if known else "none",
        "its 95 % interval": format_interval(found.low, found.high) if known else str(found.reason),
        "with all": format_percent(measured.mean),
        "held": ("yes" if inside else "no") if known else "-",
    }


def main() -> None:
    source, resolution, *seeds = sys.argv[1:]
    source = str(Path(source).resolve())
    with tempfile.TemporaryDirectory() as folder:
        project, rows = Path(folder), []
        copy_working_tree(project)
        for seed in map(int, seeds or ("1", "2", "3")):
            train(project, source, int(resolution), seed)
            rows.append(compare(project, seed))
        print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
