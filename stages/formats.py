"""Puts the networks of each fold into the formats of small devices, and shows what that changes.

Reads data/pipeline/index.csv, split.csv, images.npy, the backbone, the models in
data/pipeline/runs/, and what they answered, there and in data/pipeline/test/. Writes
data/pipeline/formats/: formats.csv, a row for each judged image (see threeway/model/proof.py), and
devices.json, what a file of each format takes on this machine. Both are without content where
export.formats is empty.
"""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

from threeway.artefacts import FORMATS, RUNS, UNFINISHED
from threeway.errors import run_stage
from threeway.execution.scratch import open_scratch
from threeway.records import write_csv, write_json
from threeway.run import Run, find_runs
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings


def list_runs() -> list[Run]:
    """Lists the runs that are converted: of each scenario and fold, that with the first seed."""
    found = {}
    for scenario in SCENARIOS:
        for run in map(Run.of, find_runs(RUNS / scenario)):
            found.setdefault((scenario, run.fold), run)
    return [*found.values()]


def measure(file: Path) -> dict:
    """Measures a LiteRT file in a process of its own.

    Raises:
        RuntimeError: it ended with an error, which is told.
    """
    probe = [sys.executable, "-m", "threeway.model.probe", str(file)]
    done = subprocess.run(probe, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{file} cannot be measured: {done.stderr}")
    return json.loads(done.stdout)


def main() -> None:
    settings = load_settings("evaluation", "export")
    formats, split = settings.export.formats, settings.evaluation.split
    rows, devices = pd.DataFrame(), {}
    if formats:
        # TensorFlow is for those to wait for who export.
        from threeway.model.proof import Proof, prove_each

        with open_scratch(UNFINISHED / "formats") as scratch:
            folders = {
                run: scratch / run.scenario if run.fold == 1 else None for run in list_runs()
            }
            rows = prove_each([Proof(run, formats, split, at) for run, at in folders.items()])
            for scenario in SCENARIOS:
                files = {name: scratch / scenario / f"{name}.tflite" for name in formats}
                devices[scenario] = {name: measure(file) for name, file in files.items()}
    write_csv(FORMATS / "formats.csv", rows)
    write_json(FORMATS / "devices.json", devices)


if __name__ == "__main__":
    run_stage(main)
