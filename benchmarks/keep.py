"""Keeps what a run says, small enough for git, where the next run does not overwrite it.

    python -m benchmarks.keep FOLDER

Copies the tables of metrics/ and, compressed, the predictions that they follow from.
"""

import gzip
import shutil
import sys
from pathlib import Path

from threeway.scenarios import SCENARIOS

TABLES = ("comparison.md", "comparison.csv", "comparison.json", "classes.csv", "published.csv",
          "data.json", "cost.json", "trust.json", "tuning.csv", "learning_curve.csv")  # fmt: skip


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        shutil.copyfile(Path("metrics", name), folder / name)
    for scenario in SCENARIOS:
        predictions = Path("metrics", scenario, "predictions.csv").read_bytes()
        # Without the time, so that the same predictions are the same file.
        packed = gzip.compress(predictions, mtime=0)
        (folder / f"{scenario}.predictions.csv.gz").write_bytes(packed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
