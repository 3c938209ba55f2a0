"""A run: one network trained once. A function of arrays, settings and a seed; no files."""

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np

from threeway.errors import InputError
from threeway.images import Labelled
from threeway.runtime import keras, tf
from threeway.settings import Scenario, Training

# Images in a batch that is only predicted. On two cores twice as many save 15 % at 64 pixels and
# nothing at 128 or 160, and take twice the memory.
PREDICT_BATCH = 64

# These set random numbers apart that are drawn with the same seed for different ends.
ORDER_STREAM = 2
VIEW_STREAM = 3

View = Callable[[np.ndarray, int], np.ndarray]


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


class Batches(keras.callbacks.Callback):
    """Training batches: each epoch in a fresh order, and each example in a fresh view.

    A callback, so that Keras itself says which epoch it is.

    Args:
        view: (rows, epoch) -> inputs of these rows, as they look in this epoch.
        labels: (examples,) int.
        weights: (examples,) float32, what each example's loss is multiplied with.
        batch_size: examples in a batch; the last one of an epoch may be smaller.
        seed: decides the order.
    """

    def __init__(
        self, view: View, labels: np.ndarray, weights: np.ndarray, batch_size: int, seed: int
    ):
        super().__init__()
        self.view = view
        self.labels = labels
        self.weights = weights
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return math.ceil(len(self.labels) / self.batch_size)

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        rng = np.random.default_rng([ORDER_STREAM, self.seed, self.epoch])
        order = rng.permutation(len(self.labels))
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            yield self.view(rows, self.epoch), self.labels[rows], self.weights[rows]


@dataclass(frozen=True)
class Validation:
    """The validation split's batches, in order."""

    examples: Labelled

    def __len__(self) -> int:
        return len(slice_batches(len(self.examples)))

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        for rows in slice_batches(len(self.examples)):
            yield self.examples.inputs[rows], self.examples.labels[rows]


def stream(batches: Batches | Validation) -> tf.data.Dataset:
    """Makes a tf.data pipeline of what can be iterated over again and again.

    Without autotuning: its thread sleeps for up to five seconds, and an epoch cannot end before
    it wakes, which cost a third of the time of short epochs.
    """
    example = next(iter(batches))
    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in example)
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return dataset.prefetch(2).with_options(options)


def train(
    network: keras.Model,
    view: View,
    labels: np.ndarray,
    val: Labelled,
    recipe: Recipe,
    seed: int,
    tracker: keras.callbacks.Callback,
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
        seed: decides the order of the examples.
        tracker: hears of every epoch.

    Returns:
        The best epoch, counted from 1.

    Raises:
        InputError: the validation loss never was a number.
    """
    network.compile(
        optimizer=keras.optimizers.Adam(recipe.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss",
        patience=recipe.early_stopping_patience or recipe.epochs,
        restore_best_weights=True,
    )
    weights = weigh_classes(labels, recipe.class_weights)
    batches = Batches(view, labels, weights, recipe.batch_size, seed)
    # The plateau rule before the tracker, which otherwise would not see the learning rate.
    plateau = [make_plateau_rule(recipe)] if recipe.plateau_patience else []
    network.fit(
        stream(batches),
        validation_data=stream(Validation(val)),
        shuffle=False,  # Batches shuffles
        epochs=recipe.epochs,
        callbacks=[batches, stopping, *plateau, tracker],
        verbose=1 if sys.stdout.isatty() else 2,
    )
    if not np.isfinite(stopping.best):
        raise InputError(
            f"training diverged: the validation loss is no number, at a learning rate of "
            f"{recipe.learning_rate:g}; lower the scenario's learning_rate in params.yaml"
        )
    return stopping.best_epoch + 1


def make_plateau_rule(recipe: Recipe) -> keras.callbacks.Callback:
    return keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=recipe.plateau_factor, patience=recipe.plateau_patience
    )


def pick_views(seed: int, epoch: int, num_examples: int, num_views: int) -> np.ndarray:
    """Picks one of the cached views for each example: (num_examples,) int.

    One view an epoch, so that an epoch is one pass over the training images in every scenario.
    """
    rng = np.random.default_rng([VIEW_STREAM, seed, epoch])
    return rng.integers(0, num_views, num_examples)


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


def predict(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Applies a network: (examples, ...) to (examples, outputs) float32, in bounded memory."""
    return predict_each(network, (inputs[rows] for rows in slice_batches(len(inputs))))


def predict_each(network: keras.Model, batches: Iterable[np.ndarray]) -> np.ndarray:
    """Applies a network to batches as they come: (examples, outputs) float32.

    Not with Keras' predict, which makes a tf.data pipeline with autotuning: see `stream`.
    """
    return np.concatenate([network.predict_on_batch(batch) for batch in batches])


def slice_batches(num_examples: int) -> list[slice]:
    """Cuts examples into batches for predicting."""
    starts = range(0, num_examples, PREDICT_BATCH)
    return [slice(start, min(start + PREDICT_BATCH, num_examples)) for start in starts]
