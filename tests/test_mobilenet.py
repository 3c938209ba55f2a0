"""The facts that are written down without TensorFlow are those of Keras."""

import pytest

from threeway.mobilenet import LAYER_NAMES, NUM_FEATURES, find_trunk_end, has_weights
from threeway.runtime import keras

pytestmark = pytest.mark.usefixtures("deterministic")


def test_layers_are_those_that_keras_builds():
    network = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )
    *layers, _ = network.layers
    # Keras numbers its inputs by how many there were before.
    assert [layer.name for layer in layers[1:]] == LAYER_NAMES[1:]
    assert [has_weights(name) for name in LAYER_NAMES] == [bool(layer.weights) for layer in layers]
    assert network.output.shape[1] == NUM_FEATURES
    # The papers freeze "layers 0 to 100".
    assert LAYER_NAMES[101] == "block_11_depthwise"


@pytest.mark.parametrize(
    ("first_layer", "end"),
    [
        ("Conv1", None),
        ("expanded_conv_project_BN", None),
        ("block_1_expand", "expanded_conv_project_BN"),
        ("block_2_project_BN", "block_1_project_BN"),
        ("block_2_add", "block_1_project_BN"),
        ("block_3_expand", "block_2_add"),
        ("block_11_depthwise", "block_10_project_BN"),
        ("out_relu", "block_16_project_BN"),
    ],
)
def test_the_trunk_ends_with_the_last_whole_block(first_layer, end):
    assert find_trunk_end(first_layer) == end
