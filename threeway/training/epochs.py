"""Epochs of training and validation, compiled to loops over batches inside TensorFlow.

Keras' `fit` comes back to Python for each batch and keeps its metrics in many small operations: a
head's epoch takes several times as long with it (`python -m benchmarks.tried`). What an epoch
learns and reports is the same.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from threeway.examples.dataset import Labelled
from threeway.networks.inference import BATCH_SIZE
from threeway.runtime import keras, tf
from threeway.streams import Stream, make_generator

# Inputs handed to TensorFlow at once: hundreds of features, or a batch of images. More would leave
# a core idle while they are made.
CHUNK_BYTES = 4 * 2**20

# (rows, epoch) -> inputs of these rows, as they look in this epoch.
View = Callable[[np.ndarray, int], np.ndarray]
# Inputs, labels, and what each example's loss is multiplied with.
Chunk = tuple[np.ndarray, np.ndarray, np.ndarray]


class Epochs:
    """What `fit` does in an epoch, without its callbacks.

    Args:
        network: compiled with an optimizer; ends in a softmax.
        view: (rows, epoch) -> training inputs.
        labels: (examples,) int, of the training split.
        weights: (examples,) float32, what each example's loss is multiplied with.
        val: the validation split, as the network takes it.
        batch_size: examples in a training batch; the last one of an epoch may be smaller.
        key: of the run, which decides the order of the examples.
    """

    def __init__(
        self,
        network: keras.Model,
        view: View,
        labels: np.ndarray,
        weights: np.ndarray,
        val: Labelled,
        batch_size: int,
        key: Sequence[int],
    ):
        self.view = view
        self.labels = labels
        self.weights = weights
        self.val = val
        self.key = key
        self.chunk_size = count_in_chunk(network.input_shape[1:], batch_size)
        self.train_chunk = compile_training(network, batch_size)
        self.validate_chunk = compile_validation(network)

    def train(self, epoch: int) -> dict[str, float]:
        """Trains on each example once: the epoch's `loss` and `accuracy` while it lasted."""
        order = shuffle(len(self.labels), *self.key, epoch)
        chunks = cut_chunks(
            lambda rows: self.view(rows, epoch), order, self.labels, self.weights, self.chunk_size
        )
        loss, accuracy = average(self.train_chunk, chunks)
        return {"loss": loss, "accuracy": accuracy}

    def validate(self) -> dict[str, float]:
        """Computes `val_loss` and `val_accuracy` as the network now is."""
        val, order = self.val, np.arange(len(self.val))
        weights = np.ones(len(val), np.float32)
        chunks = cut_chunks(
            lambda rows: val.inputs[rows], order, val.labels, weights, self.chunk_size
        )
        loss, accuracy = average(self.validate_chunk, chunks)
        return {"val_loss": loss, "val_accuracy": accuracy}


def shuffle(num_examples: int, *key: int) -> np.ndarray:
    """Puts the examples in an order of this run's and epoch's own: (num_examples,) int."""
    return make_generator(Stream.ORDER, *key).permutation(num_examples)


def count_in_chunk(shape: tuple[int, ...], batch_size: int) -> int:
    """Counts the examples of a chunk: whole batches of float32 inputs of this shape."""
    batch_bytes = 4 * math.prod(shape) * batch_size
    return batch_size * max(1, CHUNK_BYTES // batch_bytes)


def cut_chunks(
    read: Callable[[np.ndarray], np.ndarray],
    order: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    chunk_size: int,
) -> Iterator[Chunk]:
    """Cuts an epoch into chunks of examples, in the given order; `read` gives the rows' inputs."""
    for start in range(0, len(order), chunk_size):
        rows = order[start : start + chunk_size]
        inputs = np.asarray(read(rows), np.float32)
        yield inputs, labels[rows].astype(np.int64), weights[rows]


def average(work: Callable[..., tuple], chunks: Iterator[Chunk]) -> tuple[float, float]:
    """Averages what `work` gives for each chunk, (sum of losses, right answers), over examples."""
    losses, num_right, num_examples = 0.0, 0.0, 0
    for chunk in make_ahead(chunks):
        loss, right = work(*chunk)
        losses += float(loss)
        num_right += float(right)
        num_examples += len(chunk[1])
    return losses / num_examples, num_right / num_examples


def make_ahead(items: Iterator[Chunk]) -> Iterator[Chunk]:
    """Makes each item in another thread, while its predecessor is worked on."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def sign_chunk(network: keras.Model) -> list[tf.TensorSpec]:
    """Describes a chunk of any length, so that TensorFlow compiles once."""
    inputs = tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)
    return [inputs, tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None,), tf.float32)]


def compile_training(network: keras.Model, batch_size: int) -> Callable[..., tuple]:
    """Compiles a step of the optimizer for each batch of a chunk: see `average`."""
    optimizer, trainable = network.optimizer, network.trainable_variables
    optimizer.build(trainable)
    measure = keras.losses.SparseCategoricalCrossentropy()

    @tf.function(input_signature=sign_chunk(network))
    def train_chunk(inputs: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tuple:
        losses, num_right = tf.constant(0.0), tf.constant(0.0)
        for start in tf.range(0, tf.shape(labels)[0], batch_size):
            batch = slice(start, start + batch_size)
            with tf.GradientTape() as tape:
                found = network(inputs[batch], training=True)
                loss = measure(labels[batch], found, weights[batch])
            optimizer.apply(tape.gradient(loss, trainable), trainable)
            losses += loss * tf.cast(tf.shape(found)[0], tf.float32)
            num_right += count_right(labels[batch], found)
        return losses, num_right

    return train_chunk


def compile_validation(network: keras.Model) -> Callable[..., tuple]:
    """Compiles the network's loss and right answers on a chunk: see `average`."""
    measure = keras.losses.SparseCategoricalCrossentropy(reduction="sum")

    @tf.function(input_signature=sign_chunk(network))
    def validate_chunk(inputs: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tuple:
        losses, num_right = tf.constant(0.0), tf.constant(0.0)
        for start in tf.range(0, tf.shape(labels)[0], BATCH_SIZE):
            batch = slice(start, start + BATCH_SIZE)
            found = network(inputs[batch], training=False)
            losses += measure(labels[batch], found, weights[batch])
            num_right += count_right(labels[batch], found)
        return losses, num_right

    return validate_chunk


def count_right(labels: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(tf.argmax(found, axis=1) == labels, tf.float32))
