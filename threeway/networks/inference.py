"""Applying a network to many examples, in bounded memory."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from threeway.examples.arrays import Rows
from threeway.networks.interpreter import Apply
from threeway.progress import Listener, heed
from threeway.runtime import keras, tf

# Examples in a batch that is only predicted. Twice as many take twice the memory and hardly less
# time: `python -m benchmarks.tried`.
BATCH_SIZE = 64
# Batches that are made while others are being predicted.
BATCHES_AT_ONCE = 4


def compile_network(network: keras.Model) -> Apply:
    """Compiles a network's answers, once for batches of any size.

    Not Keras' predict, which makes a tf.data pipeline with autotuning: its thread sleeps for up to
    five seconds, and the prediction cannot end before it wakes. And not its predict_on_batch, which
    compiles again for the last batch.
    """
    inputs = tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)

    @tf.function(input_signature=[inputs])
    def answer(batch: tf.Tensor) -> tf.Tensor:
        return network(batch, training=False)

    return lambda batch: answer(batch.astype(np.float32, copy=False)).numpy()


def predict(apply: Apply, inputs: np.ndarray | Rows) -> np.ndarray:
    """Applies a network: (examples, ...) to (examples, outputs) float32."""
    return predict_each(apply, (inputs[rows] for rows in slice_batches(len(inputs))))


def predict_each(apply: Apply, batches: Iterable[np.ndarray]) -> np.ndarray:
    """Applies a network to batches as they come: (examples, outputs) float32."""
    return np.concatenate([apply(batch) for batch in batches])


def fill(
    outputs: np.ndarray, apply: Apply, make: Callable[[slice], np.ndarray], listener: Listener
) -> None:
    """Fills an array with a network's outputs, for examples that are made batch by batch.

    Args:
        outputs: (examples, outputs...) float32.
        apply: may be called by several threads at once.
        make: rows to a batch, likewise.
        listener: hears of each batch.
    """

    def fill_rows(rows: slice) -> None:
        outputs[rows] = apply(make(rows))

    pool = ThreadPoolExecutor(BATCHES_AT_ONCE)
    try:
        for _ in heed(pool.map(fill_rows, slice_batches(len(outputs))), listener):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


def slice_batches(num_examples: int) -> list[slice]:
    """Cuts examples into batches for predicting."""
    starts = range(0, num_examples, BATCH_SIZE)
    return [slice(start, min(start + BATCH_SIZE, num_examples)) for start in starts]
