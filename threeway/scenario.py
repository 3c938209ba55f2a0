"""A scenario: one run for each seed, then its predictions, records, weights and costs.

The only place that knows that there are several runs. What a run is, a stage says with a function
from seed to Start.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from dvclive.keras import DVCLiveCallback
from sklearn.metrics import accuracy_score, log_loss

from threeway.images import Labelled
from threeway.networks import count_multiply_adds
from threeway.predictions import (
    name_winners,
    normalise,
    probability_columns,
    tabulate,
    write_predictions,
)
from threeway.runtime import keras, seed_everything
from threeway.tracking import log_final, track_run
from threeway.training import Recipe, View, predict, train


@dataclass(frozen=True)
class Start:
    """A run before its first epoch.

    Attributes:
        network: what is trained, as its input comes (images or features).
        view: (rows, epoch) -> training inputs.
        whole: the network from pixels to probabilities, whose size and work are the scenario's.
    """

    network: keras.Model
    view: View
    whole: keras.Model


def run_scenario(
    begin: Callable[[int], Start],
    splits: dict[str, Labelled],
    classes: list[str],
    seeds: list[int],
    recipe: Recipe,
    models: Path,
    runs: Path,
    cost: Path,
) -> None:
    """Trains a scenario once for each seed and writes all that it leaves.

    Args:
        begin: builds the run of a seed.
        splits: "train", "val" and "test"; test is predicted once, after training.
        classes: class names.
        seeds: one run each.
        recipe: how to train.
        models: folder for the weights.
        runs: folder for predictions.csv and one DVCLive record a run.
        cost: JSON file for what may differ between two runs.
    """
    for folder in (models, runs, cost.parent):
        folder.mkdir(parents=True, exist_ok=True)
    tables, seconds = [], {}
    for number, seed in enumerate(seeds, 1):
        print(f"seed {seed} ({number} of {len(seeds)})", flush=True)
        seed_everything(seed)
        start = begin(seed)
        with track_run(runs / f"seed-{seed}") as live:
            began = time.perf_counter()
            best_epoch = train(
                start.network,
                start.view,
                splits["train"].labels,
                splits["val"],
                recipe,
                seed,
                DVCLiveCallback(live=live),
            )
            seconds[str(seed)] = time.perf_counter() - began
            run = {name: score(start.network, splits[name], classes, seed, name) for name in splits}
            figures = {"best_epoch": best_epoch} | summarise(run, classes)
            log_final(live, figures, run["test"]["actual"], name_winners(run["test"], classes))
        weights = models / f"seed-{seed}.weights.h5"
        start.network.save_weights(weights)
        tables += [run["val"], run["test"]]
        print("kept: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    write_predictions(runs / "predictions.csv", tables)
    costs = measure_cost(start, weights) | {"training_seconds": seconds}
    cost.write_text(json.dumps(costs, indent=2) + "\n")


def score(
    network: keras.Model, examples: Labelled, classes: list[str], seed: int, name: str
) -> pd.DataFrame:
    """Predicts one split, as rows of predictions.csv."""
    return tabulate(seed, name, examples, predict(network, examples.inputs), classes)


def summarise(run: dict[str, pd.DataFrame], classes: list[str]) -> dict[str, float]:
    """Computes accuracy and log loss of each split of a run."""
    figures = {}
    for name, table in run.items():
        probabilities = normalise(table[probability_columns(classes)].to_numpy())
        figures[f"{name}_accuracy"] = accuracy_score(table["actual"], name_winners(table, classes))
        figures[f"{name}_loss"] = log_loss(table["actual"], probabilities, labels=classes)
    return {name: float(value) for name, value in figures.items()}


def measure_cost(start: Start, weights: Path) -> dict[str, int]:
    """Measures what a scenario's network costs: parameters, multiply-adds an image, bytes."""
    return {
        "parameters": start.whole.count_params(),
        "trainable_parameters": sum(int(np.prod(w.shape)) for w in start.network.trainable_weights),
        "multiply_adds": count_multiply_adds(start.whole),
        "weight_bytes": weights.stat().st_size,
    }
