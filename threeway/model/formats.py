"""A trained network in the formats of small devices, as LiteRT files, and what each changes.

All take images as uint8 RGB, one at a time, and give probabilities as float32; the scaling is
inside.
"""

from dataclasses import dataclass

import numpy as np

from threeway.networks.litert import open_converter, run_converter
from threeway.runtime import keras, tf

# float32: as it was trained. float16: weights of half the size, computed in float32. int8: weights
# and all between the layers in 8 bits, at scales that images show. Not int8 weights alone: on
# MobileNetV2 they are slower than float32, and no better than all in int8.
# By how much a probability in float32 may differ from Keras'; rounding is a tenth.
TOLERANCE = 1e-4
# Training images that int8 takes its scales from.
NUM_CALIBRATION = 200


@dataclass(frozen=True)
class Change:
    """What a format makes of answers.

    Attributes:
        answers: (images, classes) float32.
        same: (images,) bool: the class is the one that Keras names.
        change: (images,) float64, the largest of a probability.
    """

    answers: np.ndarray
    same: np.ndarray
    change: np.ndarray


def convert_to(network: keras.Model, name: str, images: np.ndarray) -> bytes:
    """Converts a network to a format.

    Args:
        network: (1, size, size, 3) in [0, 255] to (1, classes).
        name: "float32", "float16" or "int8".
        images: (images, size, size, 3) uint8, that it was trained on; for int8 alone.
    """
    converter = open_converter(network, tf.uint8)
    if name != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if name == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if name == "int8":
        converter.representative_dataset = lambda: ([image[None]] for image in images)
        # All of it, or an error: no layer falls back to float32 unheard.
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
    return run_converter(converter)


def pick_calibration(digests: np.ndarray) -> np.ndarray:
    """Picks the images that int8 takes its scales from, as if at random: (images,) int, rows.

    Args:
        digests: (images,) sha256 of the pixels of each that may be taken.
    """
    return np.sort(np.argsort(digests, kind="stable")[:NUM_CALIBRATION])


def compare_answers(answers: np.ndarray, expected: np.ndarray) -> Change:
    """Compares answers with Keras': both (images, classes)."""
    return Change(
        answers=answers,
        same=answers.argmax(axis=1) == expected.argmax(axis=1),
        change=np.abs(answers - expected).max(axis=1),
    )


def check_float32(change: Change, what: str) -> None:
    """Makes sure that float32 answers as Keras does, up to rounding.

    Raises:
        RuntimeError: it does not.
    """
    two_best = np.sort(change.answers, axis=1)[:, -2:]
    # Of two classes that are equal but for rounding, either may be named.
    tied = two_best[:, 1] - two_best[:, 0] <= 2 * TOLERANCE
    largest = float(change.change.max())
    # Written so that NaN fails too.
    if not (largest <= TOLERANCE and (change.same | tied).all()):
        raise RuntimeError(
            f"{what} as a LiteRT file differs from Keras by {largest:g} in a probability, and in "
            f"{int((~change.same).sum())} answers"
        )
