"""Puts the model that one takes home into the formats of small devices.

Reads data/model/, data/pipeline/index.csv, split.csv and images.npy. Writes data/device/: a LiteRT
file for each of export.formats, with labels and card inside.
"""

from threeway.artefacts import DEVICE, IMAGES, TAKEN_HOME
from threeway.errors import run_stage
from threeway.settings import load_settings
from threeway.splits import NO_TEST


def main() -> None:
    formats = load_settings("export").export.formats
    DEVICE.mkdir(parents=True, exist_ok=True)
    # Nothing is in there where no model was asked for.
    if not formats or not any(TAKEN_HOME.iterdir()):
        return
    # TensorFlow is for those to wait for who export.
    from threeway.examples.arrays import Rows
    from threeway.examples.dataset import read_dataset
    from threeway.model.about import KERAS, LITERT, read_attached
    from threeway.model.formats import convert_to, pick_calibration
    from threeway.model.taken_home import attach
    from threeway.runtime import keras, pin_threads

    pin_threads(1)
    network, about = keras.models.load_model(TAKEN_HOME / KERAS), read_attached(TAKEN_HOME / LITERT)
    train = read_dataset(NO_TEST).select(Rows(IMAGES), "train")
    shown = train.inputs[pick_calibration(train.digests)]
    for name in formats:
        path = DEVICE / f"{name}.tflite"
        path.write_bytes(attach(convert_to(network, name, shown), about))
        print(f"{path}: {path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    run_stage(main)
