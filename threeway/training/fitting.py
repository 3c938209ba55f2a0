"""One network trained once: a function of arrays, settings and a key; no files."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from threeway.errors import InputError
from threeway.examples.dataset import Labelled
from threeway.runtime import keras
from threeway.settings import Scenario, Training
from threeway.training.epochs import Epochs, View


class Diverged(InputError):
    """The validation loss never was a number."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: the sections `training` and of the scenario, in one.

    Patience is in epochs; 0 switches early stopping, or the falling learning rate, off.
    """

    epochs: int
    learning_rate: float
    batch_size: int
    class_weights: str
    early_stopping_patience: int
    plateau_patience: int
    plateau_factor: float


def make_recipe(training: Training, scenario: Scenario) -> Recipe:
    """Joins the section `training` of params.yaml with what a scenario's section says of it."""
    known = dict(training) | dict(scenario)
    return Recipe(**{field.name: known[field.name] for field in fields(Recipe)})


def train(
    network: keras.Model,
    view: View,
    labels: np.ndarray,
    val: Labelled,
    recipe: Recipe,
    key: Sequence[int],
    watchers: list[keras.callbacks.Callback],
) -> int:
    """Trains a network in place and leaves it with the weights of its best epoch.

    The best epoch is the one with the lowest loss on the validation split, which alone decides
    on stopping and learning rate too.

    Args:
        network: built, with a softmax at its end.
        view: (rows, epoch) -> training inputs.
        labels: (examples,) int, of the training split.
        val: the validation split, as the network takes it.
        recipe: how to train.
        key: of the run, which decides the order of the examples.
        watchers: hear of every epoch.

    Returns:
        The best epoch, counted from 1.

    Raises:
        Diverged: the validation loss never was a number.
    """
    network.compile(optimizer=keras.optimizers.Adam(recipe.learning_rate))
    network.stop_training = False
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss",
        patience=recipe.early_stopping_patience or recipe.epochs,
        restore_best_weights=True,
    )
    # The plateau rule before the watchers, which otherwise would not see the learning rate.
    plateau = [make_plateau_rule(recipe)] if recipe.plateau_patience else []
    callbacks = keras.callbacks.CallbackList([stopping, *plateau, *watchers], model=network)
    weights = weigh_classes(labels, recipe.class_weights)
    epochs = Epochs(network, view, labels, weights, val, recipe.batch_size, key)
    callbacks.on_train_begin()
    for epoch in range(recipe.epochs):
        callbacks.on_epoch_end(epoch, epochs.train(epoch) | epochs.validate())
        if network.stop_training:
            break
    callbacks.on_train_end()
    if not np.isfinite(stopping.best):
        raise Diverged(
            f"training diverged: the validation loss is no number, at a learning rate of "
            f"{recipe.learning_rate:g}; lower the scenario's learning_rate in params.yaml, or the "
            "high end of its range where tuning chose it"
        )
    return stopping.best_epoch + 1


def make_plateau_rule(recipe: Recipe) -> keras.callbacks.Callback:
    return keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=recipe.plateau_factor, patience=recipe.plateau_patience
    )


def weigh_classes(labels: np.ndarray, rule: str) -> np.ndarray:
    """Weighs each example: 1, or, where "balanced", the mean class size over its class's size.

    Args:
        labels: (examples,) int.
        rule: "none" or "balanced".

    Returns:
        (examples,) float32 with mean 1.
    """
    if rule == "none":
        return np.ones(len(labels), np.float32)
    counts = np.bincount(labels)
    present = np.count_nonzero(counts)
    return (len(labels) / (present * counts[labels])).astype(np.float32)
