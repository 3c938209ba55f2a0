"""Networks as LiteRT models: how they are made, and checked against TensorFlow."""

import contextlib
import io
import warnings

import numpy as np

from threeway.muting import muted_stderr
from threeway.networks.interpreter import Apply, open_frozen
from threeway.runtime import freeze, keras, tf

# By how much of its largest number an output may differ from TensorFlow's; rounding is a tenth.
TOLERANCE = 1e-3


def compile_frozen(network: keras.Model, threads: int | None = None) -> Apply:
    """Compiles a network's answers as its weights are now.

    Args:
        network: (examples, ...) to (examples, ...).
        threads: cores to use; all of this machine's without it. No bit depends on it.
    """
    return open_frozen(convert(network), threads)


def convert(network: keras.Model) -> bytes:
    """Converts a network to a LiteRT model, in float32.

    Raises:
        RuntimeError: it answers other than the network. A converter that loses the weights says
            nothing.
    """
    model = run_converter(open_converter(network))
    rng = np.random.default_rng(0)
    example = rng.uniform(0, 255, (1, *network.input_shape[1:])).astype(np.float32)
    expected = network(example, training=False).numpy()
    difference = np.abs(open_frozen(model, 1)(example) - expected).max()
    # Written so that NaN fails too.
    if not difference <= TOLERANCE * np.abs(expected).max():
        raise RuntimeError(f"LiteRT's {network.name} differs from TensorFlow's by {difference:g}")
    return model


def open_converter(network: keras.Model, dtype: tf.DType = tf.float32) -> tf.lite.TFLiteConverter:
    """Opens a converter of a network's answers, as its weights are now, to one example at a time.

    From a function whose weights are constants. A Keras model would first be written as a
    SavedModel, which takes five times as long as the rest; and of a function that has variables the
    converter loses the weights.

    Args:
        network: (1, ...) to (1, outputs).
        dtype: of the numbers that go in.
    """
    given = tf.TensorSpec((1, *network.input_shape[1:]), dtype, name="input")

    @tf.function(input_signature=[given])
    def answer(example: tf.Tensor) -> tf.Tensor:
        return network(tf.cast(example, tf.float32), training=False)

    with muted_stderr():  # it says what it does, and would rather have a model
        frozen = freeze(answer.get_concrete_function())
        return tf.lite.TFLiteConverter.from_concrete_functions([frozen])


def run_converter(converter: tf.lite.TFLiteConverter) -> bytes:
    """Converts, quietly: it prints what it does, on both streams."""
    with contextlib.redirect_stdout(io.StringIO()), muted_stderr(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return converter.convert()
