"""Networks that only run, by LiteRT: on all cores, with the same bits on any number of them.

TensorFlow takes twice as long for them (`python -m benchmarks.tried`), and cuts its sums up by the
number of its threads. Here each core has an interpreter of its own, which takes one example after
another, so that neither cores nor batches make a difference. It computes on the processor, also
where there is a GPU.
"""

import contextlib
import io
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import joblib
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from threeway.networks.inference import Apply
from threeway.runtime import keras, muted_stderr, tf

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
    # It prints the signature of what it converts.
    with contextlib.redirect_stdout(io.StringIO()), muted_stderr():
        model = tf.lite.TFLiteConverter.from_keras_model(network).convert()
    rng = np.random.default_rng(0)
    example = rng.uniform(0, 255, (1, *network.input_shape[1:])).astype(np.float32)
    expected = network(example, training=False).numpy()
    difference = np.abs(open_frozen(model, 1)(example) - expected).max()
    # Written so that NaN fails too.
    if not difference <= TOLERANCE * np.abs(expected).max():
        raise RuntimeError(f"LiteRT's {network.name} differs from TensorFlow's by {difference:g}")
    return model


def open_frozen(model: bytes, threads: int | None = None) -> Apply:
    """Opens what convert made: see compile_frozen."""
    threads = threads or joblib.cpu_count()
    pool, idle = ThreadPoolExecutor(threads), SimpleQueue()
    with muted_stderr():  # each says that it uses XNNPACK
        for _ in range(threads):
            idle.put(open_interpreter(model))

    def answer_each(examples: np.ndarray) -> np.ndarray:
        interpreter = idle.get()
        try:
            return np.stack([answer(interpreter, example) for example in examples])
        finally:
            idle.put(interpreter)

    def apply(batch: np.ndarray) -> np.ndarray:
        parts = np.array_split(batch, min(threads, len(batch)))
        return np.concatenate([*pool.map(answer_each, parts)])

    return apply


def open_interpreter(model: bytes) -> Interpreter:
    interpreter = Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def answer(interpreter: Interpreter, example: np.ndarray) -> np.ndarray:
    """Runs one example, of any type of number: float32."""
    [given], [made] = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], example[None].astype(np.float32, copy=False))
    interpreter.invoke()
    return interpreter.get_tensor(made["index"])[0]
