"""Times `compare` on generated predictions: 100 classes, 10,000 test images, 5 seeds.

    python -m benchmarks.compare [CLASSES] [IMAGES] [SEEDS]

Writes nothing into the project: it works in a temporary copy of its code.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from threeway.predictions import tabulate, write_predictions
from threeway.run import Run
from threeway.scenarios import SCENARIOS

ROOT = Path(__file__).parents[1]


def generate_scenario(
    folder: Path, skill: float, classes: list[str], images: int, seeds: int
) -> None:
    """Writes what a scenario's runs leave, with random answers of some skill."""
    rng = np.random.default_rng(int(10 * skill))
    labels = np.arange(images) % len(classes)
    paths = np.array([f"{number}.jpg" for number in range(images)])
    tables = []
    for seed in range(seeds):
        logits = rng.normal(0, 1, (images, len(classes)))
        logits[np.arange(images), labels] += skill
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        run = Run(folder.name, 1, seed)
        for split in ("val", "test"):
            tables.append(tabulate(run, split, paths, labels, probabilities, classes))
        for split in ("train", "eval"):
            curves = folder / run.name / "plots" / "metrics" / split
            curves.mkdir(parents=True)
            for quantity in ("accuracy", "loss"):
                rows = "\n".join(f"{step}\t{step / 30}" for step in range(30))
                (curves / f"{quantity}.tsv").write_text(f"step\t{quantity}\n{rows}\n")
        final = {"train_accuracy": 0.9, "val_accuracy": 0.8, "val_loss": 0.5, "best_epoch": 20}
        (folder / run.name / "metrics.json").write_text(json.dumps({"step": 29, "final": final}))
    write_predictions(folder / "predictions.csv", tables)


def main(num_classes: int = 100, images: int = 10_000, seeds: int = 5) -> None:
    classes = [f"class {number:03d}" for number in range(num_classes)]
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        for package in ("stages", "threeway"):
            shutil.copytree(ROOT / package, project / package)
        shutil.copyfile(ROOT / "params.yaml", project / "params.yaml")
        for scenario, skill in zip(SCENARIOS, (2.0, 3.0, 4.0), strict=True):
            generate_scenario(project / "metrics" / scenario, skill, classes, images, seeds)
        cost = {"parameters": 3, "trainable_parameters": 2, "multiply_adds": 1, "weight_bytes": 4}
        (project / "metrics/cost.json").write_text(json.dumps(dict.fromkeys(SCENARIOS, cost)))
        tested = images // num_classes
        sizes = {"train": 1, "val": 1, "test": tested, "tested": tested}
        data = {"lost": 0, "files": 3 * images, "rejected_by_class": {}, "digest": "any"}
        data |= {"train": num_classes, "val": num_classes, "test": images, "tested": images}
        data |= {"folds": 1, "comes_divided": False, "classes": dict.fromkeys(classes, sizes)}
        (project / "metrics/data.json").write_text(json.dumps(data))
        began = time.perf_counter()
        command = [sys.executable, "-m", "stages.compare"]
        subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)
        print(
            f"{num_classes} classes, {images:,} test images, {seeds} seeds: "
            f"{time.perf_counter() - began:.1f} s"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
