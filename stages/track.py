"""Puts what the stages before it measured under git, once all of it is there.

Reads data/pipeline/runs/, test/, cost/, seconds/ and summary.json. Writes metrics/<scenario>/
(DVCLive records, predictions.csv and layers.csv), metrics/cost.json, metrics/data.json and
metrics/provenance.json.

The training stages write into DVC's cache only: so their results can be had again without
training, and a training that is interrupted does not touch those of the last one.
"""

import shutil
from pathlib import Path

from threeway.artefacts import PIPELINE
from threeway.errors import run_stage
from threeway.evidence.provenance import describe_origin
from threeway.predictions import append_rows
from threeway.records import read_json, write_json
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings

METRICS = Path("metrics")


def track_scenario(scenario: str) -> None:
    """Copies a scenario's records, and joins its predictions of val and test."""
    folder = METRICS / scenario
    shutil.copytree(PIPELINE / "runs" / scenario, folder, copy_function=shutil.copyfile)
    append_rows(folder / "predictions.csv", PIPELINE / f"test/{scenario}.csv")
    shutil.copyfile(PIPELINE / f"cost/{scenario}.csv", folder / "layers.csv")


def join_costs() -> dict[str, dict]:
    """Joins what was counted and measured of the networks with the seconds that training took."""
    costs = read_json(PIPELINE / "cost/cost.json")
    for scenario in SCENARIOS:
        costs[scenario]["training_seconds"] = read_json(PIPELINE / f"seconds/{scenario}.json")
    return costs | {"features": {"seconds": read_json(PIPELINE / "seconds/features.json")["all"]}}


def main() -> None:
    split = load_settings("evaluation").evaluation.split
    for scenario in SCENARIOS:
        track_scenario(scenario)
    write_json(METRICS / "cost.json", join_costs())
    data = read_json(PIPELINE / "summary.json")
    write_json(METRICS / "data.json", data)
    write_json(METRICS / "provenance.json", describe_origin(data["digest"], split))


if __name__ == "__main__":
    run_stage(main)
