"""What the frozen layers make of images is computed once, and is what they would make again."""

import numpy as np
import pytest

from threeway.execution.scratch import open_scratch
from threeway.mobilenet import LAYER_NAMES, has_weights
from threeway.networks.inference import compile_network, slice_batches
from threeway.networks.transfer import build_backbone, build_top, build_trunk
from threeway.runtime import keras, seed_everything
from threeway.training.epochs import View
from threeway.training.frozen import embed, pick_kept, run_fresh

pytestmark = pytest.mark.usefixtures("deterministic")

SIZE, NUM_IMAGES = 32, 70


@pytest.fixture(scope="module")
def backbone():
    """MobileNetV2 with weights in which BatchNormalization does something."""
    seed_everything(0)
    reference = keras.applications.MobileNetV2(include_top=False, weights=None)
    rng = np.random.default_rng(0)
    weights = {}
    for name in filter(has_weights, LAYER_NAMES):
        arrays = reference.get_layer(name).get_weights()
        if len(arrays) == 4:
            arrays = [rng.uniform(0.5, 1.5, array.shape).astype(np.float32) for array in arrays]
        weights[name] = arrays
    return build_backbone(SIZE, [-1, 1], weights)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (NUM_IMAGES, SIZE, SIZE, 3), dtype=np.uint8)


def shift(images: np.ndarray) -> View:
    """Makes views that differ from one another."""

    def view(rows, number):
        return np.roll(images[rows], number, axis=2).astype(np.float32)

    return view


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


def test_the_whole_trunk_is_the_backbone(backbone, images):
    expected = backbone.predict_on_batch(images)
    assert expected.std() > 0
    assert_close(build_trunk(backbone).predict_on_batch(images), expected)


@pytest.mark.parametrize(
    "first_layer", ["Conv1", "expanded_conv_project", "block_1_pad", "block_11_depthwise", "Conv_1"]
)
def test_trunk_and_top_are_the_backbone_wherever_it_is_cut(backbone, images, first_layer):
    trunk, top = build_trunk(backbone, first_layer), build_top(backbone, first_layer)
    found = top.predict_on_batch(trunk.predict_on_batch(images))
    assert_close(found, backbone.predict_on_batch(images))


def test_the_top_is_the_backbones_own_and_the_trunk_a_copy(images):
    backbone = build_backbone(SIZE, [-1, 1], {})
    trunk, top = build_trunk(backbone, "Conv_1"), build_top(backbone, "Conv_1")
    kept = trunk.predict_on_batch(images[:2])
    for weight in backbone.weights:
        weight.assign(weight * 0.5)
    assert np.array_equal(trunk.predict_on_batch(images[:2]), kept)
    ours = {id(weight) for weight in backbone.weights}
    assert {id(weight) for weight in top.weights} <= ours
    assert not {id(weight) for weight in trunk.weights} & ours


def test_kept_views_are_those_made_fresh_and_come_again_in_turn(backbone, images, tmp_path):
    trunk = compile_network(build_trunk(backbone, "block_11_depthwise"))
    make = shift(images)
    kept = [
        embed(
            trunk,
            (make(part, number) for part in slice_batches(NUM_IMAGES)),
            NUM_IMAGES,
            tmp_path / f"{number}.npy",
        )
        for number in range(2)
    ]
    fresh = run_fresh(trunk, make)
    # A fold trains on some of the images.
    some = np.random.default_rng(2).permutation(NUM_IMAGES)[:50]
    view, rows = pick_kept([rows.take(some) for rows in kept]), np.arange(30)[::-1]
    for epoch in (0, 1, 2, 3, 5):
        expected = fresh(some[rows], epoch % 2)
        np.testing.assert_allclose(view(rows, epoch), expected, rtol=1e-4, atol=1e-4)
    assert not np.allclose(view(rows, 0), view(rows, 1))


def test_what_is_embedded_is_kept_row_by_row(backbone, images, tmp_path):
    trunk = build_trunk(backbone, "block_16_expand")
    batches = (images[rows] for rows in slice_batches(NUM_IMAGES))
    embedded = embed(compile_network(trunk), batches, NUM_IMAGES, tmp_path / "images.npy")
    assert len(embedded) == NUM_IMAGES
    assert_close(embedded[:], trunk.predict_on_batch(images))


def test_the_scratch_folder_is_empty_at_first_and_gone_at_last(tmp_path):
    folder = tmp_path / "trunk"
    folder.mkdir()
    (folder / "left by a killed process").touch()
    seen = []

    def work():
        with open_scratch(folder):
            seen.extend(folder.iterdir())
            (folder / "view").touch()
            raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        work()
    assert seen == []
    assert not folder.exists()
