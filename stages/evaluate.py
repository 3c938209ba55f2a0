"""Predicts the test split with every trained model, once, when all training is over.

    python -m stages.evaluate [SCENARIO...]

Reads data/pipeline/index.csv, split.csv, images.npy, the backbone, and the models in
data/pipeline/runs/. Writes data/pipeline/test/<scenario>.csv, rows of predictions.csv: none where
evaluation.split is "val", since then no test image is looked at.
"""

import argparse

from threeway.artefacts import IMAGES, RUNS, TEST
from threeway.errors import InputError, run_stage
from threeway.examples.arrays import Rows
from threeway.examples.dataset import read_dataset
from threeway.model.saved import Loader
from threeway.networks.inference import predict
from threeway.predictions import tabulate, write_predictions
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


def main() -> None:
    scenarios = parse_arguments().scenarios or SCENARIOS
    if unknown := set(scenarios) - set(SCENARIOS):
        raise InputError(f"there is no scenario {min(unknown)!r}, only {', '.join(SCENARIOS)}")
    settings = load_settings("evaluation", "machine")
    pin_threads(settings.machine.threads)
    loader = Loader()
    images, looked_at = Rows(IMAGES), settings.evaluation.split == "test"

    for scenario in scenarios:
        folders, tables = find_runs(RUNS / scenario) if looked_at else [], []
        if looked_at and not folders:
            raise InputError(f"{scenario} is not trained yet; run 'dvc repro {scenario}'")
        for folder in follow(folders, scenario, len(folders), "run"):
            run = Run.of(folder)
            apply, card = loader.load(folder / MODEL)
            dataset = read_dataset(run.fold)
            card.check_images(dataset.digest(LEARNING_SPLITS), scenario)
            test = dataset.select(images, "test")
            answers = predict(apply, test.inputs)
            tables.append(tabulate(run, "test", test.paths, test.labels, answers, card.classes))
        write_predictions(TEST / f"{scenario}.csv", tables)
    print(f"test split: {'' if looked_at else 'not '}predicted")


if __name__ == "__main__":
    run_stage(main)
