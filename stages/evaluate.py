"""Predicts the test split with every trained model, once, when all training is over.

    python -m stages.evaluate [SCENARIO...]

Reads data/pipeline/index.csv, split.csv, images.npy, the backbone, and the models in
data/pipeline/runs/, trials/ and learning_curve/. Writes data/pipeline/test/: <scenario>.csv and
as_written/<scenario>.csv, rows of predictions.csv, and learning_curve/<scenario>.csv, which images
were told right by runs on a share of the training images. None of them has rows where
evaluation.split is "val", since then no test image is looked at.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from threeway.artefacts import IMAGES, LEARNING_CURVE, RUNS, TEST, TRIALS
from threeway.errors import InputError, run_stage
from threeway.examples.arrays import Rows
from threeway.examples.dataset import read_dataset
from threeway.model.saved import Loader
from threeway.networks.inference import predict
from threeway.predictions import mark_answers, tabulate, write_predictions
from threeway.progress import follow
from threeway.run import MODEL, Run, find_runs
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings
from threeway.splits import LEARNING_SPLITS


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="of all, if none is named")
    return parser.parse_args()


def predict_runs(
    folder: Path, scenario: str, what: str, loader: Loader
) -> Iterator[tuple[Run, int, pd.DataFrame]]:
    """Predicts the test split of its fold with each run in a folder: (run, images that it learnt
    from, rows of predictions.csv).
    """
    folders, images = find_runs(folder), Rows(IMAGES)
    for path in follow(folders, f"{scenario}{what}", len(folders), "run"):
        run = replace(Run.of(path), scenario=scenario)
        apply, card = loader.load(path / MODEL)
        dataset = read_dataset(run.fold, run.share)
        card.check_images(dataset.digest(LEARNING_SPLITS), scenario)
        test = dataset.select(images, "test")
        answers = predict(apply, test.inputs)
        rows = tabulate(run, "test", test.paths, test.labels, answers, card.classes)
        yield run, card.num_train, rows


def main() -> None:
    scenarios = parse_arguments().scenarios or SCENARIOS
    if unknown := set(scenarios) - set(SCENARIOS):
        raise InputError(f"there is no scenario {min(unknown)!r}, only {', '.join(SCENARIOS)}")
    settings = load_settings("evaluation", "machine")
    pin_threads(settings.machine.threads)
    loader, looked_at = Loader(), settings.evaluation.split == "test"

    for scenario in scenarios:
        found, written, marks = [], [], []
        if looked_at:
            found = [rows for *_, rows in predict_runs(RUNS / scenario, scenario, "", loader)]
            if not found:
                raise InputError(f"{scenario} is not trained yet; run 'dvc repro {scenario}'")
            place, what = TRIALS / scenario / "as_written", ", as written"
            written = [rows for *_, rows in predict_runs(place, scenario, what, loader)]
            place, what = LEARNING_CURVE / scenario, ", on shares of train"
            marks = [mark_answers(*made) for made in predict_runs(place, scenario, what, loader)]
        write_predictions(TEST / f"{scenario}.csv", found)
        write_predictions(TEST / "as_written" / f"{scenario}.csv", written)
        write_predictions(TEST / "learning_curve" / f"{scenario}.csv", marks)
    print(f"test split: {'' if looked_at else 'not '}predicted")


if __name__ == "__main__":
    run_stage(main)
