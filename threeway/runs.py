"""A scenario's runs, one for each seed, and what they leave: predictions, records, weights, costs.

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
from dvclive import Live
from dvclive.keras import DVCLiveCallback
from sklearn.metrics import accuracy_score, log_loss

from threeway.epochs import View
from threeway.errors import FULL, check_room
from threeway.images import Labelled
from threeway.inference import Apply, compile_network, predict
from threeway.machine import describe_machine
from threeway.networks import count_multiply_adds, list_layers
from threeway.predictions import (
    name_winners,
    normalise,
    probability_columns,
    tabulate,
    write_predictions,
)
from threeway.runtime import keras, seed_everything
from threeway.tracking import log_final, track_run
from threeway.training import Recipe, train

# Images at once, in what is measured: one as they come, and many.
BATCHES = (1, 32)


@dataclass(frozen=True)
class Start:
    """A run before its first epoch.

    Attributes:
        network: what is trained, as its input comes (images or features).
        view: (rows, epoch) -> training inputs.
        whole: gives the network from pixels to probabilities, whose cost is the scenario's.
        saved: whose weights are kept: all that training may have changed.
    """

    network: keras.Model
    view: View
    whole: Callable[[], keras.Model]
    saved: keras.Model


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
        runs: folder for predictions.csv, layers.csv and one DVCLive record a run.
        cost: JSON file for what may differ between two runs.
    """
    for folder in (models, runs, cost.parent):
        folder.mkdir(parents=True, exist_ok=True)
    tables, seconds = [], {}
    for number, seed in enumerate(seeds, 1):
        print(f"seed {seed} ({number} of {len(seeds)})", flush=True)
        seed_everything(seed)
        start = begin(seed)
        weights = models / f"seed-{seed}.weights.h5"
        # Now, not after minutes of training; each weight is a float32, and HDF5 adds to it.
        check_room(weights, 4 * start.saved.count_params() + FULL)
        with track_run(runs / f"seed-{seed}") as live:
            run, seconds[str(seed)] = run_seed(start, splits, classes, seed, recipe, live)
        # Without the optimizer's moments, which would be two thirds of the file.
        start.network.optimizer = None
        start.saved.save_weights(weights)
        tables += [run["val"], run["test"]]
    write_predictions(runs / "predictions.csv", tables)
    whole = start.whole()
    layers = pd.DataFrame(list_layers(whole))
    layers.to_csv(runs / "layers.csv", index=False, lineterminator="\n")
    costs = measure_cost(whole, start.network, weights) | {"training_seconds": seconds}
    cost.write_text(json.dumps(costs, indent=2) + "\n")


def run_seed(
    start: Start,
    splits: dict[str, Labelled],
    classes: list[str],
    seed: int,
    recipe: Recipe,
    live: Live,
) -> tuple[dict[str, pd.DataFrame], float]:
    """Trains once, then predicts: (rows of predictions.csv by split, seconds of training)."""
    began = time.perf_counter()
    tracker = DVCLiveCallback(live=live)
    labels, val = splits["train"].labels, splits["val"]
    best_epoch = train(start.network, start.view, labels, val, recipe, seed, tracker)
    seconds = time.perf_counter() - began
    apply = compile_network(start.network)
    run = {name: score(apply, splits[name], classes, seed, name) for name in splits}
    figures = {"best_epoch": best_epoch} | summarise(run, classes)
    log_final(live, figures, run["test"]["actual"], name_winners(run["test"], classes))
    print("kept: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    return run, seconds


def score(
    apply: Apply, examples: Labelled, classes: list[str], seed: int, name: str
) -> pd.DataFrame:
    """Predicts one split, as rows of predictions.csv."""
    return tabulate(seed, name, examples, predict(apply, examples.inputs), classes)


def summarise(run: dict[str, pd.DataFrame], classes: list[str]) -> dict[str, float]:
    """Computes accuracy and log loss of each split of a run."""
    figures = {}
    for name, table in run.items():
        probabilities = normalise(table[probability_columns(classes)].to_numpy())
        figures[f"{name}_accuracy"] = accuracy_score(table["actual"], name_winners(table, classes))
        figures[f"{name}_loss"] = log_loss(table["actual"], probabilities, labels=classes)
    return {name: float(value) for name, value in figures.items()}


def measure_cost(whole: keras.Model, trained: keras.Model, weights: Path) -> dict:
    """Measures what a scenario's network costs, and names the machine.

    Parameters, multiply-adds an image and bytes are the same everywhere, milliseconds are not.
    """
    trainable = [weight.shape for weight in trained.trainable_weights]
    apply, size = compile_network(whole), whole.input_shape[1]
    return {
        "parameters": whole.count_params(),
        "trainable_parameters": sum(int(np.prod(shape)) for shape in trainable),
        "multiply_adds": count_multiply_adds(whole),
        "weight_bytes": weights.stat().st_size,
        "milliseconds_an_image": {
            str(n): measure_latency(apply, (n, size, size, 3)) for n in BATCHES
        },
        "machine": describe_machine(),
    }


def measure_latency(apply: Apply, shape: tuple[int, ...], repeats: int = 9) -> float:
    """Measures the median time to predict a batch of this shape, in milliseconds an image."""
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
    # The first prediction traces the network.
    apply(images)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        apply(images)
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times)) / shape[0]
