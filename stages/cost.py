"""Counts and measures what each scenario's trained network costs, all in turn.

Reads data/pipeline/models/, data/pipeline/backbone/ and data/pipeline/images/index.csv. Writes
data/pipeline/cost/: cost.json (counts, milliseconds an image, the machine) and <scenario>.csv, its
layers.
"""

from pathlib import Path

import pandas as pd

from threeway.errors import run_stage
from threeway.examples.images import list_classes, read_index
from threeway.model.cost import count_cost, measure_latencies
from threeway.model.machine import describe_machine
from threeway.model.saved import load_network
from threeway.networks.networks import list_layers, unfreeze
from threeway.records import write_csv, write_json
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings


def main() -> None:
    settings = load_settings(
        "image", "machine", "training", "baseline_cnn", "feature_extraction", "fine_tuning"
    )
    pin_threads(settings.machine.threads)
    classes = list_classes(read_index(Path("data/pipeline/images/index.csv")))
    seed, folder = settings.training.seeds[0], Path("data/pipeline/cost")
    networks = {name: load_network(name, seed, settings, len(classes)) for name in SCENARIOS}
    unfreeze(networks["fine_tuning"].get_layer("backbone"), settings.fine_tuning.unfreeze_from)

    latencies = measure_latencies(networks)
    costs = {"machine": describe_machine()}
    for name, network in networks.items():
        weights = Path("data/pipeline/models", name, f"seed-{seed}.weights.h5")
        costs[name] = count_cost(network, weights) | {"milliseconds_an_image": latencies[name]}
        write_csv(folder / f"{name}.csv", pd.DataFrame(list_layers(network)))
    write_json(folder / "cost.json", costs)


if __name__ == "__main__":
    run_stage(main)
