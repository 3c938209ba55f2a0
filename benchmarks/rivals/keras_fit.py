"""The three scenarios as Keras' guides train them: cached tf.data pipelines and Keras' fit.

    python -m benchmarks.rivals.keras_fit CONFIG.json

Reads and prints what benchmarks.rivals.notebook does, whose networks and training these are: only
the images come another way. Each is decoded and resized once, then kept in memory; augmentation
layers warp it anew in each epoch, on all cores, while the network trains.

Source: https://keras.io/guides/transfer_learning/ and
https://www.tensorflow.org/tutorials/images/data_augmentation, option 2.
"""

import math
from pathlib import Path

import tensorflow as tf
from tensorflow import keras

from benchmarks.rivals.notebook import Data, compete

layers = keras.layers
AUTOTUNE = tf.data.AUTOTUNE


def load_images(config: dict) -> Data:
    """Opens the three folders with image_dataset_from_directory."""
    size, batch_size = config["image"]["resolution"], config["training"]["batch_size"]
    folders = {
        split: keras.utils.image_dataset_from_directory(
            Path(config["folder"], split),
            label_mode="categorical",
            # Batches are cut after shuffling, or each epoch would see the same ones.
            batch_size=None,
            image_size=(size, size),
            shuffle=False,
        )
        for split in ("train", "val", "test")
    }
    num_images = {split: len(dataset.file_paths) for split, dataset in folders.items()}
    num_classes = len(folders["train"].class_names)
    scale = make_scaling(config["image"]["pixel_range"])
    augment = keras.Sequential([*list_augmentations(config["augmentation"]), scale])
    train = (
        folders["train"].cache()
        .shuffle(num_images["train"], seed=config["seed"])
        .batch(batch_size)
        .map(lambda images, labels: (augment(images, training=True), labels), AUTOTUNE)
        .prefetch(AUTOTUNE)
    )  # fmt: skip
    val, test = (
        folders[split].batch(batch_size)
        .map(lambda images, labels: (scale(images), labels), AUTOTUNE)
        .cache()
        .prefetch(AUTOTUNE)
        for split in ("val", "test")
    )  # fmt: skip
    return Data(train, val, test, num_images, num_classes)


def make_scaling(pixel_range: list[int]) -> layers.Layer:
    """Maps [0, 255] to a range."""
    low, high = pixel_range
    return layers.Rescaling((high - low) / 255, offset=low)


def list_augmentations(recipe: dict) -> list[layers.Layer]:
    """Lists a layer for each kind of augmentation that the recipe asks for."""
    fill = {"fill_mode": recipe["fill"], "fill_value": 255.0}
    flips = {"horizontal": "horizontal", "vertical": "vertical", "both": "horizontal_and_vertical"}
    chosen = []
    if recipe["flip"] != "none":
        chosen.append(layers.RandomFlip(flips[recipe["flip"]]))
    if recipe["rotation"]:
        chosen.append(layers.RandomRotation(recipe["rotation"] / 360, **fill))
    if recipe["shift"]:
        chosen.append(layers.RandomTranslation(recipe["shift"], recipe["shift"], **fill))
    if recipe["shear"]:
        chosen.append(layers.RandomShear(math.tan(math.radians(recipe["shear"])), **fill))
    if recipe["zoom"]:
        chosen.append(layers.RandomZoom(recipe["zoom"], **fill))
    return chosen


if __name__ == "__main__":
    compete(load_images)
