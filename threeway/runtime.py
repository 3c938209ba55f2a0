"""TensorFlow and Keras, imported quietly, and what makes two runs give the same bits.

Modules that need either import them from here.
"""

import os

import numpy as np

from threeway.muting import muted_stderr

# TensorFlow greets with a page about oneDNN and absent GPUs, before its log level applies.
with muted_stderr():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2 as freeze,
    )

__all__ = ["freeze", "keras", "pin_threads", "seed_everything", "tf"]

# What Keras has by default; ~/.keras/keras.json may say otherwise, for other work of its user.
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
keras.config.set_image_data_format("channels_last")


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
