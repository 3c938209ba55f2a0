"""The backbone's parts, put together, are the backbone, wherever it is cut."""

import numpy as np
import pytest

from tests.backbone import assert_close, build_random, draw_noise
from threeway.networks.transfer import build_backbone, build_top, build_trunk

pytestmark = pytest.mark.usefixtures("deterministic")

SIZE, NUM_IMAGES = 32, 70


@pytest.fixture(scope="module")
def backbone():
    return build_random(SIZE)


@pytest.fixture(scope="module")
def images():
    return draw_noise(NUM_IMAGES, SIZE)


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
