"""What a paper's frozen features reach by five folds: with its settings, and tuned.

    python -m benchmarks.claims PAPER SOURCE

SOURCE is a folder of images of the paper's kind. Two of the papers train frozen features alone, so
that their claim is this one figure. It works in a copy of the project.
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.checkout import change_params, copy_working_tree, run
from benchmarks.forecasts import HEADS, read_answers
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.reading.markup import align_table
from threeway.reading.tables import format_interval, format_percent

TRIALS = {"five folds": 0, "five folds, tuned": 12}


def measure(project: Path, trials: int) -> tuple[float, float, float]:
    """Trains and tests heads in every fold: the accuracy and its interval."""
    change_params(project, {"tuning": {"trials": trials}})
    run(project, "dvc", "repro", HEADS)
    run(project, sys.executable, "-m", "stages.evaluate", HEADS)
    estimate, low, high = estimate_accuracy(read_answers(project))
    return estimate.mean, low, high


def main() -> None:
    paper, source = sys.argv[1:]
    source = str(Path(source).resolve())
    with tempfile.TemporaryDirectory() as folder:
        project, rows = Path(folder), []
        copy_working_tree(project)
        run(project, sys.executable, "-m", "stages.adopt", paper, source)
        change_params(project, {"data": {"folds": 5}, "training": {"seeds": [1]}})
        for how, trials in TRIALS.items():
            mean, *ends = measure(project, trials)
            figures = {"accuracy, %": format_percent(mean), "interval": format_interval(*ends)}
            rows.append({"images": paper, "how": how} | figures)
        print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
