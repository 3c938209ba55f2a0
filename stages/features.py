"""Runs the frozen backbone once over every image and over the training images' augmented views.

Reads data/pipeline/images/ and the backbone. Writes data/pipeline/features/ (train.npy, (images,
1 + views, 1280) float32 with the plain image first; val.npy and test.npy, (images, 1280) each; and
index.csv), data/pipeline/costs/features.json, and plots/augmentation.png, some views as the
networks see them.
"""

import json
import time
from pathlib import Path

import numpy as np

from threeway.augmentation import fresh_views
from threeway.backbone import load_weights
from threeway.errors import run_stage
from threeway.grids import draw_views
from threeway.images import Rows, create_array, read_index, select
from threeway.inference import compile_network, predict, predict_each, slice_batches
from threeway.mobilenet import NUM_FEATURES
from threeway.networks import build_backbone, build_trunk
from threeway.runtime import keras, pin_threads
from threeway.settings import load_settings
from threeway.splitting import SPLITS

# In plots/augmentation.png.
NUM_SHOWN_IMAGES, NUM_SHOWN_VIEWS = 4, 6


def main() -> None:
    settings = load_settings("image", "augmentation", "machine", "features")
    pin_threads(settings.machine.threads)
    keras.utils.set_random_seed(settings.features.seed)
    index = read_index(Path("data/pipeline/images/index.csv"))
    images = Rows(Path("data/pipeline/images/images.npy"))
    train, val, test = (select(index, images, name) for name in SPLITS)

    make_view = fresh_views(settings.augmentation, train.inputs, settings.features.seed)
    began = time.perf_counter()
    weights = load_weights(Path("data/pipeline/backbone/mobilenet_v2.npz"))
    backbone = build_backbone(settings.image.size, settings.image.pixel_range, weights)
    trunk = compile_network(build_trunk(backbone))
    num_views = settings.features.views
    folder = Path("data/pipeline/features")
    shape = (len(train), 1 + num_views, NUM_FEATURES)
    embedded = create_array(folder / "train.npy", shape, np.float32)
    embedded[:, 0] = predict(trunk, train.inputs)
    for view in range(num_views):
        print(f"augmented view {view + 1} of {num_views}", flush=True)
        batches = (make_view(rows, view) for rows in slice_batches(len(train)))
        embedded[:, 1 + view] = predict_each(trunk, batches)
    embedded.flush()
    np.save(folder / "val.npy", predict(trunk, val.inputs))
    np.save(folder / "test.npy", predict(trunk, test.inputs))
    index.to_csv(folder / "index.csv", index=False, lineterminator="\n")
    cost = {"seconds": time.perf_counter() - began}
    Path("data/pipeline/costs").mkdir(parents=True, exist_ok=True)
    Path("data/pipeline/costs/features.json").write_text(json.dumps(cost, indent=2) + "\n")

    shown = np.linspace(0, len(train) - 1, NUM_SHOWN_IMAGES).astype(int)
    previews = [make_view(shown, view) for view in range(NUM_SHOWN_VIEWS)]
    draw_views(Path("plots/augmentation.png"), train.inputs[shown], np.stack(previews, axis=1))


if __name__ == "__main__":
    run_stage(main)
