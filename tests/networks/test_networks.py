"""The networks have the sizes that the papers print, and what is frozen stays as it is."""

import numpy as np
import pytest

from stages.backbone import draw_random
from threeway.mobilenet import LAYER_NAMES, has_weights
from threeway.model.cost import count_multiply_adds
from threeway.networks.cnn import build_baseline_cnn
from threeway.networks.transfer import build_backbone, build_head, join, unfreeze
from threeway.runtime import keras, seed_everything

SIZE = 32
pytestmark = pytest.mark.usefixtures("deterministic")


@pytest.fixture
def network():
    """An untrained MobileNetV2 with three classes, as fine_tuning builds it."""
    backbone = build_backbone(SIZE, [-1, 1], draw_random())
    return join(backbone, build_head(3, hidden_units=0, dropout=0.2))


def inner(network):
    return next(
        layer for layer in network.get_layer("backbone").layers if "mobilenet" in layer.name
    )


def fit_once(network):
    rng = np.random.default_rng(0)
    network.compile("adam", "sparse_categorical_crossentropy")
    images = rng.integers(0, 256, (8, SIZE, SIZE, 3)).astype(np.float32)
    network.fit(images, rng.integers(0, 3, 8), epochs=2, verbose=0)


def test_sizes_are_those_of_the_papers():
    backbone = 2_257_984
    batik = build_head(20, hidden_units=0, dropout=0.2).count_params()
    assert (batik, backbone + batik) == (25_620, 2_283_604)
    # The clothing paper's summary has five outputs for four classes.
    clothing = build_head(5, hidden_units=128, dropout=0.5).count_params()
    assert (clothing, backbone + clothing) == (164_613, 2_422_597)


def test_the_backbone_has_the_papers_size_and_the_published_work(network):
    assert network.get_layer("backbone").count_params() == 2_257_984
    seed_everything(0)
    full = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(224, 224, 3)
    )
    # 300 million with the classifier, in the MobileNetV2 paper's table 4.
    assert count_multiply_adds(full) == pytest.approx(300e6, rel=0.01)


def test_multiply_adds_by_hand():
    cnn = build_baseline_cnn(8, [-1, 1], num_classes=3, filters=[2, 4], dense_units=5, dropout=0.5)
    by_hand = 8 * 8 * 2 * 27 + 4 * 4 * 4 * 18 + (2 * 2 * 4) * 5 + 5 * 3
    assert count_multiply_adds(cnn) == by_hand


def test_a_frozen_backbone_does_not_move(network):
    before = inner(network).get_weights()
    fit_once(network)
    assert all(
        np.array_equal(a, b) for a, b in zip(before, inner(network).get_weights(), strict=True)
    )


def test_fine_tuning_moves_what_it_names_and_no_batch_normalization(network):
    unfreeze(network.get_layer("backbone"), "block_11_depthwise")
    layers = {layer.name: layer for layer in inner(network).layers if layer.weights}
    before = {name: layer.get_weights() for name, layer in layers.items()}
    fit_once(network)
    moved = {
        name
        for name, layer in layers.items()
        if any(
            not np.array_equal(a, b) for a, b in zip(before[name], layer.get_weights(), strict=True)
        )
    }
    named = LAYER_NAMES[LAYER_NAMES.index("block_11_depthwise") :]
    norms = {n for n, layer in layers.items() if isinstance(layer, keras.layers.BatchNormalization)}
    meant = {name for name in named if has_weights(name)} - norms
    assert {name for name, layer in layers.items() if layer.trainable_weights} == meant
    # Through an untrained network hardly any gradient reaches the blocks with a shortcut.
    assert {"block_11_depthwise", "Conv_1"} <= moved <= meant


def test_saved_weights_are_the_networks_alone_and_load_again(network, tmp_path):
    unfreeze(network.get_layer("backbone"), "block_16_project")
    fit_once(network)
    path = tmp_path / "run.weights.h5"
    network.optimizer = None
    network.save_weights(path)
    assert path.stat().st_size < 5 * network.count_params()
    saved = network.get_weights()
    network.set_weights([np.zeros_like(weight) for weight in saved])
    network.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(saved, network.get_weights(), strict=True))


@pytest.mark.parametrize("pixel_range", [[-1, 1], [0, 1]])
def test_pixels_are_scaled_inside(pixel_range):
    backbone = build_backbone(SIZE, pixel_range, {})
    cnn = build_baseline_cnn(SIZE, pixel_range, 3, filters=[2], dense_units=2, dropout=0.5)
    for network in (backbone, cnn):
        scale = network.get_layer("scale")
        shades = np.array([0.0, 255.0]).reshape(2, 1, 1, 1)
        assert scale(shades).numpy().ravel().tolist() == pixel_range
