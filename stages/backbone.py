"""Gets MobileNetV2's weights and checks that they are the ImageNet ones.

Reads backbone.weights: "imagenet" downloads them, a path reads them from a file, "random" draws
them (for tests: without a network, and without meaning). Writes
data/pipeline/backbone/mobilenet_v2.npz.
"""

from pathlib import Path

from threeway.artefacts import BACKBONE
from threeway.errors import InputError, run_stage
from threeway.locating import locate
from threeway.mobilenet import LAYER_NAMES, has_weights
from threeway.networks.weights import Weights, fetch_imagenet, read_weights, save_weights
from threeway.settings import load_settings


def draw_random() -> Weights:
    # Only here: building the network takes TensorFlow, and TensorFlow takes seconds.
    from threeway.runtime import keras

    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(include_top=False, weights=None)
    return {
        name: network.get_layer(name).get_weights() for name in filter(has_weights, LAYER_NAMES)
    }


def read_file(path: Path) -> Weights:
    if not path.is_file():
        raise InputError(
            f"backbone.weights: there is no file '{path}'; expected imagenet, random, or the path "
            "of a Keras HDF5 file"
        )
    return read_weights(path.read_bytes(), str(path))


def main() -> None:
    choice = load_settings("backbone").backbone.weights
    if choice == "imagenet":
        weights = fetch_imagenet()
    elif choice == "random":
        weights = draw_random()
    else:
        weights = read_file(locate(choice))
    save_weights(BACKBONE, weights)


if __name__ == "__main__":
    run_stage(main)
