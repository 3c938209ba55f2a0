"""Logistic regression on frozen features: what a careful user of scikit-learn writes.

    python -m benchmarks.rivals.precomputed CONFIG.json

Reads what benchmarks.rivals.notebook does. Every image runs through the backbone once, unaugmented,
and `cross_val_predict` tests each by a model that has not seen it. Prints a line of JSON: how many
images there are, and how many answers are right.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from tensorflow import keras

from benchmarks.rivals.keras_fit import make_scaling
from benchmarks.rivals.notebook import build_mobilenet

SPLITS = ("train", "val", "test")


def embed(config: dict) -> tuple[np.ndarray, np.ndarray]:
    """Runs all images through the backbone: features, (images, 1280), and classes."""
    size = config["image"]["resolution"]
    _, backbone = build_mobilenet(config, num_classes=2)
    scale, parts = make_scaling(config["image"]["pixel_range"]), []
    for split in SPLITS:
        images = keras.utils.image_dataset_from_directory(
            Path(config["folder"], split), image_size=(size, size), shuffle=False
        )
        classes = np.concatenate([classes for _, classes in images])
        features = backbone.predict(images.map(lambda some, _: scale(some)), verbose=0)
        parts.append((features, classes))
    features, classes = map(np.concatenate, zip(*parts, strict=True))
    return features, classes


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    tf.config.threading.set_intra_op_parallelism_threads(config["machine"]["threads"])
    features, classes = embed(config)
    folds = StratifiedKFold(config["data"]["folds"], shuffle=True, random_state=config["seed"])
    model = LogisticRegression(max_iter=1000)
    answers = cross_val_predict(model, features, classes, cv=folds)
    print(json.dumps({"images": len(classes), "correct": int((answers == classes).sum())}))


if __name__ == "__main__":
    main()
