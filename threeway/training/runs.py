"""A run: one scenario trained once, and the folder that it leaves.

A run is a function of things that can be sent to another process, or another machine. It opens its
own files and writes nothing but its own folder; whoever asks for several decides where and in what
order they run, and no bit depends on it. What a run never sees is the test split: stages.evaluate
predicts it, when all training is over.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from dvclive import Live
from dvclive.keras import DVCLiveCallback
from sklearn.metrics import accuracy_score, log_loss

from threeway.errors import FULL, InputError, check_room
from threeway.examples.dataset import Dataset, Labelled
from threeway.model.saved import save_trained
from threeway.networks.inference import Apply, compile_network, predict
from threeway.predictions import (
    name_winners,
    normalise,
    probability_columns,
    tabulate,
    write_predictions,
)
from threeway.processor import name_processor
from threeway.progress import Listener
from threeway.run import MODEL, PREDICTIONS, RECORD, Run
from threeway.runtime import keras, pin_threads, seed_everything
from threeway.settings import Settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.epochs import View
from threeway.training.fitting import Diverged, Recipe, make_recipe, train
from threeway.training.tracking import log_final, track_run
from threeway.training.tuning import Judge, Trial


@dataclass(frozen=True)
class Start:
    """A run before its first epoch.

    Attributes:
        dataset: all images, and what each is for in the run's fold.
        splits: "train" and "val", their inputs as the network takes them.
        network: what is trained, as its input comes: images, features, or the trunk's output.
        view: (rows, epoch) -> training inputs.
        trained: whose weights are kept: all that training may have changed.
    """

    dataset: Dataset
    splits: dict[str, Labelled]
    network: keras.Model
    view: View
    trained: keras.Model


# What a scenario begins a run with: which, and its settings.
Begin = Callable[[Run, Settings], Start]


@dataclass(frozen=True)
class Task:
    """A run to be done, whole: it can be pickled.

    Attributes:
        run: which one.
        settings: the sections that decide it.
        begin: a function of a module, which reads what the run learns from.
        decisive: the files that it reads, and that decide it.
        embedded: others that it reads, which follow from these.
        folder: that the run writes.
        earlier: the trials of its fold before it, where it is one: it may be given up.
        values: the settings that it tries, by their dotted names, where it is a trial.
    """

    run: Run
    settings: Settings
    begin: Begin
    decisive: tuple[Path, ...]
    embedded: tuple[Path, ...]
    folder: Path
    earlier: tuple[Trial, ...] = ()
    values: dict[str, object] | None = None

    @property
    def name(self) -> str:
        trial = "" if self.values is None else f"-trial-{len(self.earlier) + 1:02d}"
        return self.run.name + trial

    @property
    def inputs(self) -> tuple[Path, ...]:
        """All files that it reads."""
        return self.decisive + self.embedded

    @property
    def own_settings(self) -> dict[str, dict]:
        """The sections as this run knows them: with its own seed alone."""
        training = self.settings.training.model_copy(update={"seeds": [self.run.seed]})
        own = self.settings.model_copy(update={"training": training})
        return {name: section.model_dump() for name, section in own}

    @property
    def recipe(self) -> Recipe:
        return make_recipe(self.settings.training, getattr(self.settings, self.run.scenario))


@dataclass(frozen=True)
class Outcome:
    """What a run says, beside its folder, of which two executions have every bit in common.

    Attributes:
        told: a line about it.
        seconds: of training.
        processor: that trained it.
        val_losses: of each epoch in which it is a finite number.
        best_epoch: the one that was kept, counted from 1.
        val_accuracy: of what was kept.
        given_up: whether it is a trial that was ended before its time.
    """

    told: str
    seconds: float
    processor: str
    val_losses: list[float]
    best_epoch: int
    val_accuracy: float
    given_up: bool


class Watcher(keras.callbacks.Callback):
    """Tells of each epoch of a run, and of those that its early end saves; ends a hopeless trial.

    Args:
        listener: of all runs.
        task: the run.
    """

    def __init__(self, listener: Listener, task: Task):
        super().__init__()
        self.listener, self.left = listener, task.recipe.epochs
        self.judge = Judge(task.earlier, task.recipe.epochs) if task.earlier else None
        self.losses: list[float] = []
        self.given_up = False

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.left -= 1
        self.listener.advance(note=f"val accuracy {100 * logs['val_accuracy']:.1f} %")
        self.losses.append(float(logs["val_loss"]))
        if self.judge and self.judge.gives_up(self.losses[-1], epoch):
            self.given_up = self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.listener.skip(self.left)


def train_run(task: Task, listener: Listener) -> Outcome:
    """Trains once, and writes the run's folder: record (DVCLive's), model, and predictions.csv, of
    val.

    Args:
        task: what to do.
        listener: hears of every epoch.

    Raises:
        InputError: training diverged, or the disk has too little room.
    """
    run, recipe = task.run, task.recipe
    pin_threads(task.settings.machine.threads)
    seed_everything(*run.key)
    start = task.begin(run, task.settings)
    # What a killed process left of this run.
    shutil.rmtree(task.folder, ignore_errors=True)
    task.folder.mkdir(parents=True)
    # Now, not after minutes of training; each weight is a float32, and HDF5 adds to it.
    check_room(task.folder / MODEL, 4 * start.trained.count_params() + FULL)
    watcher = Watcher(listener, task)
    with track_run(task.folder / RECORD) as live:
        watchers = [DVCLiveCallback(live=live), watcher]
        labels, val = start.splits["train"].labels, start.splits["val"]
        began = time.perf_counter()
        try:
            best_epoch = train(start.network, start.view, labels, val, recipe, run.key, watchers)
        except Diverged as error:
            if task.earlier:
                return lose(watcher, time.perf_counter() - began)
            raise InputError(f"{run.scenario}, {run.name}: {error}") from error
        seconds = time.perf_counter() - began
        answers = score_splits(start, run)
        figures = log_run(live, best_epoch, answers, start.dataset.classes)
    start.network.optimizer = None
    write_predictions(task.folder / PREDICTIONS, [answers["val"]])
    save_trained(task.folder / MODEL, start.trained, **describe(task, start, best_epoch))
    return Outcome(
        told=tell(figures, watcher),
        seconds=seconds,
        processor=name_processor(),
        val_losses=[loss for loss in watcher.losses if np.isfinite(loss)],
        best_epoch=best_epoch,
        val_accuracy=figures["val_accuracy"],
        given_up=watcher.given_up,
    )


def lose(watcher: Watcher, seconds: float) -> Outcome:
    """Says of a trial that it diverged: it tells the next ones where not to go."""
    losses = [loss for loss in watcher.losses if np.isfinite(loss)]
    return Outcome("diverged", seconds, name_processor(), losses, 0, 0.0, given_up=True)


def tell(figures: dict[str, float], watcher: Watcher) -> str:
    """Words what came of a run: a line."""
    accuracies = ", ".join(
        f"{100 * figures[f'{name}_accuracy']:.1f} % on {name}" for name in LEARNING_SPLITS
    )
    end = f"given up after epoch {len(watcher.losses)}; " if watcher.given_up else ""
    return f"{end}kept epoch {figures['best_epoch']}, {accuracies}"


def describe(task: Task, start: Start, best_epoch: int) -> dict[str, object]:
    """Describes what a run trained, for its card."""
    return {
        "scenario": task.run.scenario,
        "fold": task.run.fold,
        "seed": task.run.seed,
        "share": task.run.share,
        "classes": start.dataset.classes,
        "settings": task.own_settings,
        "best_epoch": best_epoch,
        "num_train": len(start.splits["train"]),
        "num_val": len(start.splits["val"]),
        "images_sha256": start.dataset.digest(LEARNING_SPLITS),
    }


def score_splits(start: Start, run: Run) -> dict[str, pd.DataFrame]:
    """Predicts train and val: rows of predictions.csv."""
    apply = compile_network(start.network)
    return {
        name: score(apply, start.splits[name], start.dataset.classes, run, name)
        for name in LEARNING_SPLITS
    }


def score(
    apply: Apply, examples: Labelled, classes: list[str], run: Run, name: str
) -> pd.DataFrame:
    """Predicts one split, as rows of predictions.csv."""
    probabilities = predict(apply, examples.inputs)
    return tabulate(run, name, examples.paths, examples.labels, probabilities, classes)


def log_run(
    live: Live, best_epoch: int, answers: dict[str, pd.DataFrame], classes: list[str]
) -> dict[str, float]:
    """Logs a run's last figures, and returns them."""
    figures = {"best_epoch": best_epoch} | summarise(answers, classes)
    log_final(live, figures, answers["val"]["actual"], name_winners(answers["val"], classes))
    return figures


def summarise(answers: dict[str, pd.DataFrame], classes: list[str]) -> dict[str, float]:
    """Computes accuracy and log loss of each split of a run."""
    figures = {}
    for name, table in answers.items():
        probabilities = normalise(table[probability_columns(classes)].to_numpy())
        figures[f"{name}_accuracy"] = accuracy_score(table["actual"], name_winners(table, classes))
        figures[f"{name}_loss"] = log_loss(table["actual"], probabilities, labels=classes)
    return {name: float(value) for name, value in figures.items()}
