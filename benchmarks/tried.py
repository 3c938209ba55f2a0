"""Times what was tried to make training faster, each beside what it replaces, in turn.

    python -m benchmarks.tried [--size PIXELS]

Prints a table: milliseconds an epoch or an image, without and with, on generated pixels. What was
kept is in threeway.training.epochs, threeway.training.frozen and threeway.networks; what was not is
only here.
"""

import argparse
import contextlib
import io
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd

from threeway.examples.dataset import Labelled
from threeway.mobilenet import NUM_FEATURES
from threeway.networks import cnn, transfer
from threeway.networks.inference import compile_network
from threeway.networks.litert import compile_frozen
from threeway.reading.markup import align_table
from threeway.runtime import keras, pin_threads, seed_everything, tf
from threeway.settings import load_settings
from threeway.training.epochs import Epochs, compile_training

BATCH_SIZE, NUM_CLASSES, ROUNDS = 32, 4, 10
# Of the head's examples.
NUM_TRAIN, NUM_VAL = 1080, 231

layers = keras.layers


class FusedAdam(keras.optimizers.Adam):
    """Adam whose step for a variable is one operation of TensorFlow instead of a dozen."""

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, rate: tf.Tensor) -> None:
        number = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[number].value.handle,
            v=self._velocities[number].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def take_turns(without: Callable, with_it: Callable) -> tuple[float, float]:
    """Calls both in turn: seconds of each, the median of all rounds but the first."""
    times = ([], [])
    for _ in range(ROUNDS + 1):
        for work, seconds in zip((without, with_it), times, strict=True):
            began = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began)
    return median(times[0][1:]), median(times[1][1:])


def make_step(network: keras.Model, optimizer: type[keras.optimizers.Adam]) -> Callable:
    """Makes a function that trains a network on one batch."""
    network.compile(optimizer=optimizer())
    step, rng = compile_training(network, BATCH_SIZE), np.random.default_rng(0)
    inputs = rng.random((BATCH_SIZE, *network.input_shape[1:])).astype(np.float32)
    labels, weights = np.arange(BATCH_SIZE) % NUM_CLASSES, np.ones(BATCH_SIZE, np.float32)

    def train_once() -> float:
        return float(step(inputs, labels, weights)[0])

    return train_once


def make_head_epochs() -> tuple[Callable, Callable]:
    """Makes two functions that train a head for an epoch: with Keras' fit, and with Epochs."""
    rng = np.random.default_rng(0)
    names = np.arange(NUM_TRAIN)
    inputs = rng.random((NUM_TRAIN, NUM_FEATURES)).astype(np.float32)
    train = Labelled(inputs, rng.integers(0, NUM_CLASSES, NUM_TRAIN), names, names)
    val = Labelled(*(part[:NUM_VAL] for part in (inputs, train.labels, names, names)))
    fitted, looped = (transfer.build_head(NUM_CLASSES, 0, 0.2) for _ in range(2))
    for network in (fitted, looped):
        network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def view(rows: np.ndarray, _: int) -> np.ndarray:
        return train.inputs[rows]

    ones = np.ones(NUM_TRAIN, np.float32)
    epochs = Epochs(looped, view, train.labels, ones, val, BATCH_SIZE, key=(1, 1))

    def fit() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            fitted.fit(
                train.inputs,
                train.labels,
                batch_size=BATCH_SIZE,
                validation_data=(val.inputs, val.labels),
                verbose=2,
            )

    return fit, lambda: (epochs.train(0), epochs.validate())


def build_cnn(size: int, pool_first: bool) -> keras.Model:
    """Builds the CNN of params.yaml, or the same function with each ReLU behind its pooling."""
    recipe = load_settings("baseline_cnn").baseline_cnn
    network = cnn.build_baseline_cnn(
        size, [-1, 1], NUM_CLASSES, recipe.filters, recipe.dense_units, recipe.dropout
    )
    if not pool_first:
        return network
    stack = [keras.Input((size, size, 3))]
    for layer in network.layers:
        config = layer.get_config()
        if isinstance(layer, layers.Conv2D):
            config["activation"] = None
        stack.append(type(layer).from_config(config))
        if isinstance(layer, layers.MaxPooling2D):
            stack.append(layers.ReLU())
    return keras.Sequential(stack)


def build_tuned(size: int, whole: bool) -> keras.Model:
    """Builds fine-tuned MobileNetV2 as a whole, or from its first layers' output on."""
    first = load_settings("fine_tuning").fine_tuning.unfreeze_from
    backbone = transfer.build_backbone(size, [-1, 1], {})
    transfer.unfreeze(backbone, first)
    part = backbone if whole else transfer.build_top(backbone, first)
    return transfer.join(part, transfer.build_head(NUM_CLASSES, 0, 0.2))


def list_trials(size: int) -> dict[str, tuple[Callable, Callable, int]]:
    """Lists what was tried: functions without and with it, and the images that they work on."""
    adam = keras.optimizers.Adam
    backbone = transfer.build_backbone(size, [-1, 1], {})
    apply = compile_network(backbone)
    trunk = transfer.build_trunk(backbone)
    folded, light = compile_network(trunk), compile_frozen(trunk)
    images = np.random.default_rng(0).random((64, size, size, 3)).astype(np.float32)
    twice = np.concatenate([images, images])
    return {
        "head, an epoch: a compiled loop, not Keras' fit": (*make_head_epochs(), 1),
        "frozen backbone: norms folded into convolutions": (
            lambda: apply(images),
            lambda: folded(images),
            len(images),
        ),
        "frozen backbone: LiteRT on all cores": (
            lambda: folded(images),
            lambda: light(images),
            len(images),
        ),
        "frozen backbone: batches of 128 for 64": (
            lambda: [folded(images) for _ in range(2)],
            lambda: folded(twice),
            len(twice),
        ),
        "fine-tuning: from the frozen layers' output on": (
            make_step(build_tuned(size, whole=True), adam),
            make_step(build_tuned(size, whole=False), adam),
            BATCH_SIZE,
        ),
        "fine-tuning: fused Adam": (
            make_step(build_tuned(size, whole=False), adam),
            make_step(build_tuned(size, whole=False), FusedAdam),
            BATCH_SIZE,
        ),
        "CNN: fused Adam": (
            make_step(build_cnn(size, pool_first=False), adam),
            make_step(build_cnn(size, pool_first=False), FusedAdam),
            BATCH_SIZE,
        ),
        "CNN: ReLU behind the pooling": (
            make_step(build_cnn(size, pool_first=False), adam),
            make_step(build_cnn(size, pool_first=True), adam),
            BATCH_SIZE,
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tried", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--size", type=int, default=160)
    size = parser.parse_args().size
    pin_threads(load_settings("machine").machine.threads)
    seed_everything(0)
    rows = []
    for name, (without, with_it, num_images) in list_trials(size).items():
        before, after = (1e3 * seconds / num_images for seconds in take_turns(without, with_it))
        rows.append(
            {
                f"tried, at {size} pixels": name,
                "without, ms": f"{before:.2f}",
                "with, ms": f"{after:.2f}",
                "times as fast": f"{before / after:.2f}",
            }
        )
    print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
