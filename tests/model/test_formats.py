"""What a device gets answers as Keras does, as far as its format can."""

import numpy as np
import pytest

from threeway.model.formats import (
    NUM_CALIBRATION,
    TOLERANCE,
    check_float32,
    compare_answers,
    convert_to,
    pick_calibration,
)
from threeway.networks.cnn import build_baseline_cnn
from threeway.networks.interpreter import open_frozen, open_interpreter
from threeway.runtime import keras, seed_everything

pytestmark = pytest.mark.usefixtures("deterministic")
SIZE = 32
# How far a probability may be off, and the size of the file in parts of float32's.
EXPECTED = {"float32": (TOLERANCE, 1.0), "float16": (0.01, 0.6), "int8": (0.2, 0.35)}


@pytest.fixture(scope="module")
def network() -> keras.Model:
    seed_everything(5)
    cnn = build_baseline_cnn(SIZE, [-1, 1], 3, [8, 8], 32, 0.5)
    # Untrained it says little; so it says more.
    cnn.layers[-1].set_weights([6 * weights for weights in cnn.layers[-1].get_weights()])
    return cnn


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (40, SIZE, SIZE, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_format_takes_uint8_and_answers_as_keras(network, images, name):
    expected = network.predict_on_batch(images.astype(np.float32))
    assert expected.std() > 0.05
    file = convert_to(network, name, images[:20])
    [given] = open_interpreter(file).get_input_details()
    assert given["dtype"] is np.uint8
    assert given["shape"].tolist() == [1, SIZE, SIZE, 3]
    answers = open_frozen(file, 1)(images)
    assert answers.dtype == np.float32
    assert answers.sum(axis=1) == pytest.approx(np.ones(len(images)), abs=1e-2)
    off, share = EXPECTED[name]
    change = compare_answers(answers, expected)
    assert change.change.max() <= off
    assert change.same.mean() >= 0.9
    size = len(convert_to(network, "float32", images[:20]))
    assert len(file) <= share * size


def test_the_same_file_comes_out_again(network, images):
    for name in EXPECTED:
        assert convert_to(network, name, images[:9]) == convert_to(network, name, images[:9])


def test_int8_takes_its_scales_from_the_images(network, images):
    dark = convert_to(network, "int8", images[:9] // 16)
    assert dark != convert_to(network, "int8", images[:9])


def test_what_float32_may_differ_by():
    expected = np.array([[0.6, 0.4], [0.5, 0.5 - 1e-5], [0.2, 0.8]])
    check_float32(compare_answers(expected + TOLERANCE / 2, expected), "it")
    # Of two that are equal but for rounding, either may be named.
    turned = expected.copy()
    turned[1] = turned[1, ::-1]
    change = compare_answers(turned, expected)
    assert change.same.tolist() == [True, False, True]
    check_float32(change, "it")
    for wrong in (expected + 2 * TOLERANCE, expected[:, ::-1], expected * np.nan):
        with pytest.raises(RuntimeError, match="it as a LiteRT file differs from Keras by"):
            check_float32(compare_answers(wrong, expected), "it")


def test_scales_come_from_images_that_are_picked_by_their_digests():
    digests = np.array([f"{number:04x}" for number in np.random.default_rng(0).permutation(500)])
    rows = pick_calibration(digests)
    assert len(rows) == NUM_CALIBRATION
    assert (np.diff(rows) > 0).all()
    assert {*digests[rows]} == {f"{number:04x}" for number in range(NUM_CALIBRATION)}
    assert pick_calibration(digests[:3]).tolist() == [0, 1, 2]
