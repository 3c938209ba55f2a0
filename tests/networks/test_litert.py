"""LiteRT answers as TensorFlow does, within rounding, and alike on any number of cores."""

import os

import numpy as np
import pytest

from tests.backbone import build_random, draw_noise
from threeway.networks import interpreter
from threeway.networks.interpreter import open_frozen
from threeway.networks.litert import compile_frozen, convert
from threeway.networks.scaling import scale_pixels
from threeway.networks.transfer import build_trunk
from threeway.runtime import keras

pytestmark = pytest.mark.usefixtures("deterministic")
SIZE = 32


@pytest.fixture(scope="module")
def backbone():
    return build_random(SIZE)


@pytest.fixture(scope="module")
def images():
    return draw_noise(9, SIZE)


# Within the first block nothing is frozen but the scaling of pixels.
@pytest.mark.parametrize("first_layer", [None, "Conv1", "block_1_pad", "block_11_depthwise"])
def test_it_answers_as_tensorflow_does(backbone, images, first_layer):
    trunk = build_trunk(backbone, first_layer)
    expected = trunk.predict_on_batch(images.astype(np.float32))
    found = compile_frozen(trunk)(images)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    assert expected.std() > 0
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


def test_neither_cores_nor_batches_change_a_bit(backbone, images):
    model = convert(build_trunk(backbone))
    whole = open_frozen(model, 1)(images)
    for threads in (2, 3, 16):
        apply = open_frozen(model, threads)
        assert np.array_equal(apply(images), whole)
        assert np.array_equal(np.concatenate([apply(images[:1]), apply(images[1:])]), whole)
    assert np.array_equal(open_frozen(convert(build_trunk(backbone)), 2)(images), whole)


def test_pixels_may_be_of_any_type(backbone, images):
    apply = compile_frozen(build_trunk(backbone, "block_1_pad"), 1)
    assert np.array_equal(apply(images), apply(images.astype(np.float64)))


def test_what_trains_afterwards_does_not_change_it(images):
    network = keras.Sequential([keras.Input((SIZE, SIZE, 3)), scale_pixels([0, 1])])
    network.add(keras.layers.Conv2D(2, 3))
    apply = compile_frozen(network, 1)
    before = apply(images)
    network.layers[-1].set_weights([array + 1 for array in network.layers[-1].get_weights()])
    assert np.array_equal(apply(images), before)


@pytest.mark.parametrize("wrong", [0.01, np.nan])
def test_a_model_that_answers_otherwise_is_refused(backbone, monkeypatch, wrong):
    real = interpreter.answer
    monkeypatch.setattr(interpreter, "answer", lambda *given: real(*given) * (1 + wrong))
    with pytest.raises(RuntimeError, match="LiteRT's trunk differs from TensorFlow's by"):
        convert(build_trunk(backbone))


def test_it_prints_nothing_and_leaves_the_streams_as_they_were(backbone, images, capfd):
    compile_frozen(build_trunk(backbone, "block_1_pad"), 16)(images)
    os.write(2, b"heard")
    assert capfd.readouterr() == ("", "heard")
