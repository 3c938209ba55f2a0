"""TensorFlow and Keras, imported quietly, and what makes two runs give the same bits.

Modules that need either import them from here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def muted_stderr() -> Iterator[None]:
    """Drops what C++ code writes to standard error; Python's exceptions still come through."""
    saved, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)


# TensorFlow greets with a page about oneDNN and absent GPUs, before its log level applies.
with muted_stderr():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

__all__ = ["keras", "pin_threads", "seed_everything", "tf"]


def pin_threads(threads: int) -> None:
    """Fixes how sums are cut up and switches to deterministic kernels; before any other use.

    The same bits then come out on the same machine with the same number of threads.

    Raises:
        RuntimeError: TensorFlow is in use with another number.
    """
    # Each seed traces functions of its own, which is meant and not worth Keras' warning.
    tf.get_logger().setLevel("ERROR")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.experimental.enable_op_determinism()


def seed_everything(*key: int) -> None:
    """Seeds Python, NumPy and Keras, and forgets earlier models, at the start of a run."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
