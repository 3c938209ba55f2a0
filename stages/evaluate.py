"""Predicts the test split with every trained model, once, when all training is over.

    python -m stages.evaluate [SCENARIO...]

Reads data/pipeline/images/, data/pipeline/models/ and data/pipeline/backbone/. Writes
data/pipeline/test/<scenario>.csv, rows of predictions.csv: none where evaluation.split is "val",
since then no test image is looked at.
"""

import argparse
from pathlib import Path

from threeway.errors import run_stage
from threeway.examples.images import Rows, list_classes, read_index, select
from threeway.model.saved import load_network
from threeway.networks.inference import compile_network, predict
from threeway.predictions import tabulate, write_predictions
from threeway.progress import follow
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="of all, if none is named")
    return parser.parse_args()


def main() -> None:
    scenarios = parse_arguments().scenarios or SCENARIOS
    settings = load_settings(
        "evaluation", "image", "machine", "training", "baseline_cnn", "feature_extraction"
    )
    pin_threads(settings.machine.threads)
    index = read_index(Path("data/pipeline/images/index.csv"))
    classes = list_classes(index)
    test = select(index, Rows(Path("data/pipeline/images/images.npy")), "test")
    seeds = settings.training.seeds if settings.evaluation.split == "test" else []

    for scenario in scenarios:
        tables = []
        for seed in follow(seeds, scenario, len(seeds), "seed"):
            network = compile_network(load_network(scenario, seed, settings, len(classes)))
            answers = predict(network, test.inputs)
            tables.append(tabulate(seed, "test", test, answers, classes))
        write_predictions(Path(f"data/pipeline/test/{scenario}.csv"), tables)
    print(f"test split: {len(test) if seeds else 'not one'} of {len(test)} images predicted")


if __name__ == "__main__":
    run_stage(main)
