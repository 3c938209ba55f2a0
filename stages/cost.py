"""Counts and measures what each scenario's trained network costs, all in turn.

Reads the models in data/pipeline/runs/, and the backbone. Writes data/pipeline/cost/: cost.json
(counts, milliseconds an image, the machine) and <scenario>.csv, its layers. Where networks differ,
since their folds chose other settings, counts are the mean over all; what is measured, and its
layers, are of the first.
"""

import pandas as pd

from threeway.artefacts import COST, RUNS
from threeway.errors import run_stage
from threeway.model.cost import average_counts, count_cost, list_layers, measure_latencies
from threeway.model.machine import describe_machine
from threeway.model.saved import load_each
from threeway.records import write_csv, write_json
from threeway.run import MODEL, find_runs
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings


def main() -> None:
    pin_threads(load_settings("machine").machine.threads)
    folders = {name: [run / MODEL for run in find_runs(RUNS / name)] for name in SCENARIOS}
    loaded = {name: [*load_each(folders[name])] for name in SCENARIOS}
    networks = {name: found[0][0] for name, found in loaded.items()}

    latencies = measure_latencies(networks)
    costs = {"machine": describe_machine()}
    for name, network in networks.items():
        counts = average_counts([count_cost(*found) for found in loaded[name]])
        costs[name] = counts | {"milliseconds_an_image": latencies[name]}
        write_csv(COST / f"{name}.csv", pd.DataFrame(list_layers(network)))
    write_json(COST / "cost.json", costs)


if __name__ == "__main__":
    run_stage(main)
