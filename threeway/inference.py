"""Applying a network to many examples, in bounded memory."""

from collections.abc import Iterable

import numpy as np

from threeway.runtime import keras

# Examples in a batch that is only predicted. On two cores twice as many save a tenth at 64 pixels
# and nothing at 128 or 160, and take twice the memory.
BATCH_SIZE = 64


def predict(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Applies a network: (examples, ...) to (examples, outputs) float32, in bounded memory."""
    return predict_each(network, (inputs[rows] for rows in slice_batches(len(inputs))))


def predict_each(network: keras.Model, batches: Iterable[np.ndarray]) -> np.ndarray:
    """Applies a network to batches as they come: (examples, outputs) float32.

    Not with Keras' predict, which makes a tf.data pipeline with autotuning: its thread sleeps for
    up to five seconds, and the prediction cannot end before it wakes.
    """
    return np.concatenate([network.predict_on_batch(batch) for batch in batches])


def slice_batches(num_examples: int) -> list[slice]:
    """Cuts examples into batches for predicting."""
    starts = range(0, num_examples, BATCH_SIZE)
    return [slice(start, min(start + BATCH_SIZE, num_examples)) for start in starts]
