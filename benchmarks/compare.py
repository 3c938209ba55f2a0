"""Times `compare` on generated predictions: 100 classes, 10,000 images, five folds.

    python -m benchmarks.compare [CLASSES] [IMAGES] [FOLDS]

Writes nothing into the project: it works in a temporary copy of its code.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.checkout import ROOT, run
from threeway.predictions import tabulate, write_predictions
from threeway.run import Run
from threeway.scenarios import SCENARIOS


def generate_scenario(
    folder: Path, skill: float, classes: list[str], images: int, folds: int
) -> None:
    """Writes what a scenario's runs leave, with random answers of some skill."""
    rng = np.random.default_rng(int(10 * skill))
    tables = []
    for fold in range(1, folds + 1):
        run = Run(folder.name, fold, 1)
        # A fold validates on what the next one tests.
        for split, first in (("val", fold % folds), ("test", fold - 1)):
            numbers = np.arange(first, images, folds)
            labels = numbers // folds % len(classes)
            logits = rng.normal(0, 1, (len(numbers), len(classes)))
            logits[np.arange(len(numbers)), labels] += skill
            probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            paths = np.array([f"{number}.jpg" for number in numbers])
            rows = tabulate(run, split, paths, labels, probabilities, classes)
            tables.append(rows.assign(group=paths))
        for split in ("train", "eval"):
            curves = folder / run.name / "plots" / "metrics" / split
            curves.mkdir(parents=True)
            for quantity in ("accuracy", "loss"):
                rows = "\n".join(f"{step}\t{step / 30}" for step in range(30))
                (curves / f"{quantity}.tsv").write_text(f"step\t{quantity}\n{rows}\n")
        final = {"train_accuracy": 0.9, "val_accuracy": 0.8, "val_loss": 0.5, "best_epoch": 20}
        (folder / run.name / "metrics.json").write_text(json.dumps({"step": 29, "final": final}))
    write_predictions(folder / "predictions.csv", tables)


def generate_project(project: Path, num_classes: int, images: int, folds: int) -> None:
    """Copies the code, and generates what stages before `compare` would leave."""
    for package in ("stages", "threeway", "papers"):
        shutil.copytree(ROOT / package, project / package)
    shutil.copyfile(ROOT / "params.yaml", project / "params.yaml")
    classes, metrics = [f"class {number:03d}" for number in range(num_classes)], project / "metrics"
    for scenario, skill in zip(SCENARIOS, (2.0, 3.0, 4.0), strict=True):
        generate_scenario(metrics / scenario, skill, classes, images, folds)
    shutil.copyfile(ROOT / "metrics/cost.json", metrics / "cost.json")
    # Nothing was tuned, trained on shares or exported: the columns alone.
    for name in ("tuning.csv", "learning_curve.csv", "formats.csv"):
        columns, *_ = (ROOT / "metrics" / name).read_text().splitlines()
        (metrics / name).write_text(columns + "\n")
    test = images // folds
    whole = {"train": images - 2 * test, "val": test, "test": test, "tested": images}
    each = {split: count // num_classes for split, count in whole.items()}
    data = json.loads((ROOT / "metrics/data.json").read_text())
    data |= {"images": images, "folds": folds, "classes": dict.fromkeys(classes, each)} | whole
    (metrics / "data.json").write_text(json.dumps(data))


def main(num_classes: int = 100, images: int = 10_000, folds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        generate_project(project, num_classes, images, folds)
        began = time.perf_counter()
        run(project, sys.executable, "-m", "stages.compare")
        seconds = time.perf_counter() - began
    print(f"{num_classes} classes, {images:,} images, {folds} folds: {seconds:.1f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
