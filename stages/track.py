"""Puts what the stages before it found and measured under git, once all of it is there.

Reads data/pipeline/ but for images and features. Writes metrics/<scenario>/ (DVCLive's record of
each run, predictions.csv, as_written.csv where settings were tuned, and layers.csv),
metrics/tuning.csv, metrics/learning_curve.csv, metrics/formats.csv, metrics/cost.json,
metrics/data.json and metrics/provenance.json.

The training stages write into DVC's cache only: so their results can be had again without
training, and a training that is interrupted does not touch those of the last one.
"""

import shutil

import pandas as pd

from threeway.artefacts import (
    COST,
    FORMATS,
    GROUPS,
    METRICS,
    RUNS,
    SECONDS,
    SOURCE,
    TEST,
    TRIALS,
)
from threeway.errors import run_stage
from threeway.evidence.provenance import describe_origin
from threeway.intake.accounting import read_accounts, summarise
from threeway.predictions import join_predictions
from threeway.records import read_json, read_names, write_csv, write_json
from threeway.run import AS_WRITTEN, PREDICTIONS, RECORD, find_runs
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings


def track_scenario(scenario: str, groups: dict[str, str]) -> None:
    """Copies a scenario's records, and joins its predictions: of val run by run, then of test.

    Args:
        scenario: its name.
        groups: of each image, by its path.
    """
    folder, runs = METRICS / scenario, find_runs(RUNS / scenario)
    for run in runs:
        shutil.copytree(run / RECORD, folder / run.name, copy_function=shutil.copyfile)
    parts = [*(run / PREDICTIONS for run in runs), TEST / f"{scenario}.csv"]
    join_predictions(folder / PREDICTIONS, parts, groups)
    written = TEST / f"as_written/{scenario}.csv"
    # Empty where nothing was tuned.
    if written.stat().st_size > 1:
        join_predictions(folder / AS_WRITTEN, [written], groups)
    shutil.copyfile(COST / f"{scenario}.csv", folder / "layers.csv")


def join_costs() -> dict[str, dict]:
    """Joins what was counted and measured of the networks with the seconds that training took."""
    costs, devices = read_json(COST / "cost.json"), read_json(FORMATS / "devices.json")
    for scenario in SCENARIOS:
        trained = read_json(SECONDS / f"{scenario}.json")
        costs[scenario]["training_seconds"] = trained["seconds"]
        costs[scenario]["trials_seconds"] = trained["trials_seconds"]
        costs[scenario]["processors"] = trained["processors"]
        costs[scenario]["devices"] = devices.get(scenario, {})
    return costs | {"features": {"seconds": read_json(SECONDS / "features.json")["all"]}}


def count_data() -> dict:
    """Counts what became of every file, and says what the source was."""
    source = read_json(SOURCE)
    about = {"source": source["name"], "digest": source["sha256"]}
    return about | summarise(*read_accounts())


def main() -> None:
    split = load_settings("evaluation").evaluation.split
    table = read_names(GROUPS)
    groups = dict(zip(table["path"], table["group"], strict=True))
    for scenario in SCENARIOS:
        track_scenario(scenario, groups)
    trials = [read_names(TRIALS / scenario / "trials.csv") for scenario in SCENARIOS]
    write_csv(METRICS / "tuning.csv", pd.concat(trials))
    marks = [TEST / f"learning_curve/{scenario}.csv" for scenario in SCENARIOS]
    join_predictions(METRICS / "learning_curve.csv", marks, groups)
    join_predictions(METRICS / "formats.csv", [FORMATS / "formats.csv"], groups)
    write_json(METRICS / "cost.json", join_costs())
    data = count_data()
    write_json(METRICS / "data.json", data)
    write_json(METRICS / "provenance.json", describe_origin(data["digest"], split))


if __name__ == "__main__":
    run_stage(main)
