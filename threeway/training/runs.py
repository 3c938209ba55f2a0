"""A scenario's runs, one for each seed, and what they leave: predictions, records and weights.

What a run never sees is the test split: stages.evaluate predicts it, when all training is over. The
only place that knows that there are several runs. What a run is, a stage says with a function
from seed to Start.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from dvclive import Live
from dvclive.keras import DVCLiveCallback
from sklearn.metrics import accuracy_score, log_loss

from threeway.errors import FULL, check_room
from threeway.examples.images import Labelled
from threeway.networks.inference import Apply, compile_network, predict
from threeway.predictions import (
    name_winners,
    normalise,
    probability_columns,
    tabulate,
    write_predictions,
)
from threeway.progress import Progress
from threeway.records import write_json
from threeway.runtime import keras, seed_everything
from threeway.training.epochs import View
from threeway.training.fitting import Recipe, train
from threeway.training.tracking import log_final, track_run


class Teller(keras.callbacks.Callback):
    """Tells of each epoch of a run, and of those that early stopping saves.

    Args:
        progress: of all runs.
        epochs: of this run, at most.
    """

    def __init__(self, progress: Progress, epochs: int):
        super().__init__()
        self.progress, self.left = progress, epochs

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.left -= 1
        self.progress.advance(note=f"val accuracy {100 * logs['val_accuracy']:.1f} %")

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.progress.skip(self.left)


@dataclass(frozen=True)
class Start:
    """A run before its first epoch.

    Attributes:
        network: what is trained, as its input comes (images or features).
        view: (rows, epoch) -> training inputs.
        saved: whose weights are kept: all that training may have changed.
    """

    network: keras.Model
    view: View
    saved: keras.Model


@dataclass(frozen=True)
class Run:
    """What came out of a run.

    Attributes:
        best_epoch: the one whose weights were kept, counted from 1.
        train, val: rows of predictions.csv.
    """

    best_epoch: int
    train: pd.DataFrame
    val: pd.DataFrame


def run_scenario(
    begin: Callable[[int], Start],
    splits: dict[str, Labelled],
    classes: list[str],
    seeds: list[int],
    recipe: Recipe,
    models: Path,
    runs: Path,
    seconds: Path,
) -> None:
    """Trains a scenario once for each seed and writes all that it leaves.

    Args:
        begin: builds the run of a seed.
        splits: "train" and "val".
        classes: class names.
        seeds: one run each.
        recipe: how to train.
        models: folder for the weights.
        runs: folder for predictions.csv, of val, and one DVCLive record a run.
        seconds: JSON file for how long each training took, which may differ between two runs.
    """
    for folder in (models, runs):
        folder.mkdir(parents=True, exist_ok=True)
    tables, took = [], {}
    with Progress("training", len(seeds) * recipe.epochs, "epoch") as progress:
        for seed in seeds:
            seed_everything(seed)
            start = begin(seed)
            weights = models / f"seed-{seed}.weights.h5"
            # Now, not after minutes of training; each weight is a float32, and HDF5 adds to it.
            check_room(weights, 4 * start.saved.count_params() + FULL)
            with track_run(runs / f"seed-{seed}") as live:
                watchers = [DVCLiveCallback(live=live), Teller(progress, recipe.epochs)]
                run, took[str(seed)] = run_seed(start, splits, classes, seed, recipe, watchers)
                kept = log_run(live, run, classes)
            progress.say(f"seed {seed}: {kept}")
            # Without the optimizer's moments, which would be two thirds of the file.
            start.network.optimizer = None
            start.saved.save_weights(weights)
            tables.append(run.val)
    write_predictions(runs / "predictions.csv", tables)
    write_json(seconds, took)


def run_seed(
    start: Start,
    splits: dict[str, Labelled],
    classes: list[str],
    seed: int,
    recipe: Recipe,
    watchers: list[keras.callbacks.Callback],
) -> tuple[Run, float]:
    """Trains once, then predicts train and val: (what came out, seconds of training)."""
    began = time.perf_counter()
    labels, val = splits["train"].labels, splits["val"]
    best_epoch = train(start.network, start.view, labels, val, recipe, seed, watchers)
    seconds = time.perf_counter() - began
    apply = compile_network(start.network)
    return Run(best_epoch, *(score(apply, splits[n], classes, seed, n) for n in splits)), seconds


def log_run(live: Live, run: Run, classes: list[str]) -> str:
    """Logs a run's last figures: the line that tells of them."""
    figures = {"best_epoch": run.best_epoch} | summarise(
        {"train": run.train, "val": run.val}, classes
    )
    log_final(live, figures, run.val["actual"], name_winners(run.val, classes))
    accuracies = ", ".join(
        f"{100 * figures[f'{name}_accuracy']:.1f} % on {name}" for name in ("train", "val")
    )
    return f"kept epoch {run.best_epoch}, {accuracies}"


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
