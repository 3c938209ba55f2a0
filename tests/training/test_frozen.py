"""What the frozen layers make of images is computed once, and is what they would make again."""

import hashlib

import numpy as np
import pytest

from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import View, augment, draw, fresh_views
from threeway.execution.scratch import open_scratch
from threeway.mobilenet import LAYER_NAMES, has_weights
from threeway.networks.embedding import Images, embed
from threeway.networks.inference import slice_batches
from threeway.networks.litert import compile_frozen, convert
from threeway.networks.transfer import build_backbone, build_top, build_trunk
from threeway.progress import Tally
from threeway.runtime import keras, seed_everything
from threeway.settings import Augmentation
from threeway.training.frozen import pick_kept, run_fresh

pytestmark = pytest.mark.usefixtures("deterministic")

SIZE, NUM_IMAGES = 32, 70
RECIPE = Augmentation(
    rotation=20, shift=0.2, shear=0, zoom=0.2, flip="both", contrast=0.2, fill="nearest"
)


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


def name(images: np.ndarray) -> np.ndarray:
    """Names images as index.csv does."""
    return np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])


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
    network, digests = build_trunk(backbone, "block_11_depthwise"), name(images)
    paths = {View(7, number): tmp_path / f"{number}.npy" for number in range(2)}
    shape = (NUM_IMAGES, *network.output_shape[1:])
    outputs = {view: create_array(path, shape, np.float32) for view, path in paths.items()}
    heard = Tally()
    embed(convert(network), Images(images, digests, RECIPE), outputs, None, 1, heard)
    assert heard.done == len(outputs) * len(slice_batches(NUM_IMAGES))
    kept = [Rows(path) for path in paths.values()]
    fresh = run_fresh(compile_frozen(network, 1), fresh_views(RECIPE, images, digests, 7))
    # A fold trains on some of the images.
    some = np.random.default_rng(2).permutation(NUM_IMAGES)[:50]
    view, rows = pick_kept([rows.take(some) for rows in kept]), np.arange(30)[::-1]
    for epoch in (0, 1, 2, 3, 5):
        assert np.array_equal(view(rows, epoch), fresh(some[rows], epoch % 2))
    assert not np.allclose(view(rows, 0), view(rows, 1))


def test_an_image_is_embedded_as_it_is_or_in_a_view(backbone, images):
    network, digests = build_trunk(backbone, "block_16_expand"), name(images)
    outputs = {view: np.zeros((NUM_IMAGES, *network.output_shape[1:]), np.float32)
               for view in (None, View(1, 5))}  # fmt: skip
    embed(convert(network), Images(images, digests, RECIPE), outputs, None, 1, Tally())
    assert_close(outputs[None], network.predict_on_batch(images))
    seen = augment(RECIPE, images, draw(1, 5, digests))
    assert_close(outputs[View(1, 5)], network.predict_on_batch(seen))


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
