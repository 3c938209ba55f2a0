"""threeway itself, in temporary copies of this project, and how any process is measured.

In such a copy, `python -m benchmarks.rivals.threeway_run PART` measures one part of it:
`fine_tuning`, the seconds of each epoch, or `preprocess`, the seconds in which the stage decodes
and resizes all images. Both print one line of JSON last.
"""

import csv
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.checkout import ENVIRONMENT, ROOT


@dataclass(frozen=True)
class Finished:
    """A process that has ended.

    Attributes:
        seconds: from its start to its end.
        peak_megabytes: the most memory that it, or any process it started, held at once.
        output: what it printed.
    """

    seconds: float
    peak_megabytes: float
    output: str

    def read_json(self) -> dict:
        """Reads the last line that it printed."""
        return json.loads(self.output.strip().splitlines()[-1])


def run(command: list[str], folder: Path) -> Finished:
    """Runs a command in a folder and measures it, on Linux.

    By way of launch.py, in a process of its own: the peak memory that Linux notes for a process
    begins at that of the one that starts it.

    Raises:
        RuntimeError: it failed; ends with what it printed.
    """
    log = folder / "benchmark.log"
    launch = [sys.executable, str(Path(__file__).with_name("launch.py")), str(log), *command]
    figures = subprocess.run(
        launch, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True
    )
    status, seconds, peak_megabytes = json.loads(figures.stdout)
    output = log.read_text(errors="replace")
    log.unlink()
    if status:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output[-3000:]}")
    return Finished(seconds, peak_megabytes, output)


def run_module(module: str, *arguments: str, folder: Path = ROOT) -> Finished:
    return run([sys.executable, "-m", module, *arguments], folder)


def repro(project: Path, *arguments: str) -> Finished:
    """Runs `dvc repro`."""
    return run(["dvc", "repro", *arguments], project)


def read_training_seconds(project: Path, scenario: str) -> float:
    """Reads the seconds that a stage trained for, all runs."""
    path = project / f"data/pipeline/seconds/{scenario}.json"
    return sum(json.loads(path.read_text())["seconds"].values())


def count_answers(project: Path, scenario: str) -> tuple[int, int]:
    """Counts the right answers to the test splits of all folds, and all answers."""
    with (project / f"data/pipeline/test/{scenario}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    classes = [name for name in rows[0] if name.startswith("p(")]
    winners = [max(classes, key=lambda name: float(row[name])) for row in rows]
    correct = sum(w == f"p({row['actual']})" for w, row in zip(winners, rows, strict=True))
    return correct, len(rows)


def time_fine_tuning() -> dict:
    """Runs the stage: the seconds of each epoch, from its end to the end of the next one."""
    # Only here: the driver imports this module and has no use for TensorFlow.
    from dvclive.keras import DVCLiveCallback

    from stages import fine_tuning
    from threeway.training import runs

    ends = []

    class TimedTracker(DVCLiveCallback):
        def on_train_begin(self, logs: dict | None = None) -> None:
            ends.append(time.perf_counter())

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            super().on_epoch_end(epoch, logs)
            ends.append(time.perf_counter())

    runs.DVCLiveCallback = TimedTracker
    fine_tuning.main()
    return {"epochs": [end - begin for begin, end in pairwise(ends)]}


def time_preprocess() -> dict:
    """Runs the stage: the seconds without its imports."""
    from stages import preprocess

    began = time.perf_counter()
    preprocess.main()
    return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    parts = {"fine_tuning": time_fine_tuning, "preprocess": time_preprocess}
    print(json.dumps(parts[sys.argv[1]]()))
