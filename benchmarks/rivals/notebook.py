"""The three scenarios as papers and their notebooks train them: ImageDataGenerator and Keras' fit.

    python -m benchmarks.rivals.notebook CONFIG.json

CONFIG.json holds the sections of params.yaml, and besides: folder, divided into train, val and test
with class folders; weights, an .npz that threeway.networks.weights wrote; seed; scenarios, those to
train.
Prints one line of JSON last: `start_up` in seconds, the number of `images` of each split, and for
each of the `scenarios` its `seconds`, the seconds of each of its `epochs`, and how many answers to
the test split are `correct`.

The images are decoded, resized and warped anew in each epoch, with the generator's own defaults,
and the frozen backbone is a part of the network, so it sees each image anew too.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from threeway.networks.weights import load_weights

layers = keras.layers


@dataclass(frozen=True)
class Data:
    """What fit and evaluate take: batches of scaled images and one-hot labels.

    Attributes:
        train: augmented and shuffled.
        val: as the files are, like test.
        num_images: of each split.
        num_classes: in the order of their folders' names.
    """

    train: object
    val: object
    test: object
    num_images: dict[str, int]
    num_classes: int


class EpochTimer(keras.callbacks.Callback):
    """Notes the seconds of each epoch, validation and all that lies between two epochs included."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.seconds: list[float] = []
        self.last = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.last)
        self.last = now


def flow_images(config: dict) -> Data:
    """Opens the three folders with ImageDataGenerator."""
    recipe, image = config["augmentation"], config["image"]
    if image["pixel_range"] == [0, 1]:
        scale = {"rescale": 1 / 255}
    else:
        scale = {"preprocessing_function": preprocess_input}
    augmenting = ImageDataGenerator(
        rotation_range=recipe["rotation"],
        width_shift_range=float(recipe["shift"]),
        height_shift_range=float(recipe["shift"]),
        shear_range=recipe["shear"],
        zoom_range=float(recipe["zoom"]),
        horizontal_flip=recipe["flip"] in ("horizontal", "both"),
        vertical_flip=recipe["flip"] in ("vertical", "both"),
        fill_mode=recipe["fill"],
        cval=255.0,
        **scale,
    )
    plain = ImageDataGenerator(**scale)
    folder = Path(config["folder"])
    how = {
        "target_size": (image["resolution"], image["resolution"]),
        "batch_size": config["training"]["batch_size"],
        "class_mode": "categorical",
    }
    train = augmenting.flow_from_directory(folder / "train", seed=config["seed"], **how)
    val = plain.flow_from_directory(folder / "val", shuffle=False, **how)
    test = plain.flow_from_directory(folder / "test", shuffle=False, **how)
    num_images = {"train": train.samples, "val": val.samples, "test": test.samples}
    return Data(train, val, test, num_images, train.num_classes)


def build_cnn(config: dict, num_classes: int) -> keras.Model:
    """Builds the CNN from scratch: scaled images to probabilities."""
    size, cnn = config["image"]["resolution"], config["baseline_cnn"]
    network = keras.Sequential([keras.Input((size, size, 3))])
    for num_filters in cnn["filters"]:
        network.add(layers.Conv2D(num_filters, 3, padding="same", activation="relu"))
        network.add(layers.MaxPooling2D(2))
    network.add(layers.Flatten())
    network.add(layers.Dense(cnn["dense_units"], activation="relu"))
    network.add(layers.Dropout(cnn["dropout"]))
    network.add(layers.Dense(num_classes, activation="softmax"))
    return network


def build_mobilenet(config: dict, num_classes: int) -> tuple[keras.Model, keras.Model]:
    """Builds frozen MobileNetV2 with a new head: (the whole network, the backbone in it)."""
    size, head = config["image"]["resolution"], config["feature_extraction"]
    # With a network to the outside, weights="imagenet" would do.
    backbone = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None, pooling="avg"
    )
    for name, arrays in load_weights(Path(config["weights"])).items():
        backbone.get_layer(name).set_weights(arrays)
    backbone.trainable = False
    image = keras.Input((size, size, 3))
    hidden = backbone(image, training=False)
    if head["hidden_units"]:
        hidden = layers.Dense(head["hidden_units"], activation="relu")(hidden)
    hidden = layers.Dropout(head["dropout"])(hidden)
    return keras.Model(image, layers.Dense(num_classes, activation="softmax")(hidden)), backbone


def unfreeze(backbone: keras.Model, first_layer: str) -> None:
    """Lets the named layer and all behind it train, except BatchNormalization."""
    backbone.trainable = True
    reached = False
    for layer in backbone.layers:
        reached = reached or layer.name == first_layer
        layer.trainable = reached and not isinstance(layer, layers.BatchNormalization)


def fit(network: keras.Model, data: Data, epochs: int, learning_rate: float) -> dict:
    """Trains, takes the weights of the epoch with the best validation loss, and tests them."""
    began, timer = time.perf_counter(), EpochTimer()
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    keep_best = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=epochs, restore_best_weights=True
    )
    network.fit(
        data.train,
        validation_data=data.val,
        epochs=epochs,
        callbacks=[keep_best, timer],
        verbose=2,
    )
    _, accuracy = network.evaluate(data.test, verbose=0)
    return {
        "seconds": time.perf_counter() - began,
        "epochs": timer.seconds,
        "correct": round(accuracy * data.num_images["test"]),
    }


def train_scenarios(config: dict, data: Data) -> dict[str, dict]:
    """Trains one scenario after the other: what fit returns, by scenario."""
    done, mobilenet = {}, None
    for name in config["scenarios"]:
        began = time.perf_counter()
        if name == "baseline_cnn":
            network = build_cnn(config, data.num_classes)
        else:
            # Fine-tuning goes on with the network whose head has been trained.
            mobilenet = mobilenet or build_mobilenet(config, data.num_classes)
            network, backbone = mobilenet
        if name == "fine_tuning":
            unfreeze(backbone, config[name]["unfreeze_from"])
        built = time.perf_counter() - began
        done[name] = fit(network, data, config[name]["epochs"], config[name]["learning_rate"])
        done[name]["seconds"] += built
    return done


def compete(open_images) -> None:
    """Does what a rival's process does, from the configuration to the line of JSON.

    Args:
        open_images: configuration -> Data.
    """
    config = json.loads(Path(sys.argv[1]).read_text())
    tf.config.threading.set_intra_op_parallelism_threads(config["machine"]["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(config["machine"]["threads"])
    keras.utils.set_random_seed(config["seed"])
    data = open_images(config)
    start_up = time.time() - psutil.Process().create_time()
    scenarios = train_scenarios(config, data)
    print(json.dumps({"start_up": start_up, "images": data.num_images, "scenarios": scenarios}))


if __name__ == "__main__":
    compete(flow_images)
