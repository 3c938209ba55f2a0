"""Counts and measures what each scenario's trained network costs, all in turn.

Reads the models of the first runs in data/pipeline/runs/, and the backbone. Writes
data/pipeline/cost/: cost.json (counts, milliseconds an image, the machine) and <scenario>.csv, its
layers.
"""

import pandas as pd

from threeway.artefacts import COST, RUNS
from threeway.errors import run_stage
from threeway.model.card import WEIGHTS
from threeway.model.cost import count_cost, list_layers, measure_latencies
from threeway.model.machine import describe_machine
from threeway.model.saved import load_network
from threeway.records import write_csv, write_json
from threeway.run import MODEL, find_runs
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings


def main() -> None:
    pin_threads(load_settings("machine").machine.threads)
    folders = {name: find_runs(RUNS / name)[0] / MODEL for name in SCENARIOS}
    networks = {name: load_network(folder)[0] for name, folder in folders.items()}

    latencies = measure_latencies(networks)
    costs = {"machine": describe_machine()}
    for name, network in networks.items():
        counts = count_cost(network, folders[name] / WEIGHTS)
        costs[name] = counts | {"milliseconds_an_image": latencies[name]}
        write_csv(COST / f"{name}.csv", pd.DataFrame(list_layers(network)))
    write_json(COST / "cost.json", costs)


if __name__ == "__main__":
    run_stage(main)
