"""What layers make of an image is what they make of its pixels, or of the view of them."""

import numpy as np
import pytest

from tests.backbone import RECIPE, assert_close, build_random, digest_images, draw_noise
from threeway.examples.augmentation import View, augment, draw
from threeway.networks.embedding import Images, embed
from threeway.networks.litert import convert
from threeway.networks.transfer import build_trunk
from threeway.progress import Tally

pytestmark = pytest.mark.usefixtures("deterministic")

SIZE, NUM_IMAGES = 32, 70


def test_an_image_is_embedded_as_it_is_or_in_a_view():
    images = draw_noise(NUM_IMAGES, SIZE)
    network, digests = build_trunk(build_random(SIZE), "block_16_expand"), digest_images(images)
    outputs = {view: np.zeros((NUM_IMAGES, *network.output_shape[1:]), np.float32)
               for view in (None, View(1, 5))}  # fmt: skip
    embed(convert(network), Images(images, digests, RECIPE), outputs, None, 1, Tally())
    assert_close(outputs[None], network.predict_on_batch(images))
    seen = augment(RECIPE, images, draw(1, 5, digests))
    assert_close(outputs[View(1, 5)], network.predict_on_batch(seen))
