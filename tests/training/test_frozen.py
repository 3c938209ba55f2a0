"""Views through the frozen layers that are kept are those that would be made again."""

import numpy as np
import pytest

from tests.backbone import RECIPE, build_random, digest_images, draw_noise
from threeway.examples.arrays import Rows, create_array
from threeway.examples.augmentation import View, fresh_views
from threeway.networks.embedding import Images, embed
from threeway.networks.inference import slice_batches
from threeway.networks.litert import compile_frozen, convert
from threeway.networks.transfer import build_trunk
from threeway.progress import Tally
from threeway.training.frozen import pick_kept, run_fresh

pytestmark = pytest.mark.usefixtures("deterministic")

SIZE, NUM_IMAGES = 32, 70


def test_kept_views_are_those_made_fresh_and_come_again_in_turn(tmp_path):
    images = draw_noise(NUM_IMAGES, SIZE)
    network, digests = build_trunk(build_random(SIZE), "block_11_depthwise"), digest_images(images)
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
