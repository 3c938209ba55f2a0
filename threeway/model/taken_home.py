"""The model that one takes home: for Keras a file that needs no threeway, for all else a LiteRT
file that says what it is.
"""

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np

from threeway.artefacts import BACKBONE, IMAGES
from threeway.examples.arrays import Rows
from threeway.examples.dataset import Dataset
from threeway.model.about import CARD, KERAS, LABELS, LITERT, NOVELTY, About
from threeway.model.formats import check_float32, compare_answers, convert_to
from threeway.model.novelty import Novelty, build_novelty
from threeway.model.saved import load_network
from threeway.networks.inference import compile_network, predict
from threeway.networks.interpreter import open_frozen
from threeway.networks.transfer import build_backbone
from threeway.networks.weights import load_weights
from threeway.runtime import keras

# Images that a file has to answer as Keras does.
NUM_CHECKED = 64
# Instead of the time at which it is written: the earliest that a zip can say.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def write_model(
    folder: Path, trained: Path, about: About, features: np.ndarray, dataset: Dataset
) -> None:
    """Writes what a run trained as files that need no threeway.

    Args:
        folder: for them.
        trained: of the run's model.
        about: what it is; its temperature goes into the weights.
        features: (images, features) of the images that it was trained on.
        dataset: which these are.

    Raises:
        RuntimeError: the LiteRT file answers other than the network.
    """
    # Keras numbers what has no name: from one on, whatever was built before.
    keras.backend.clear_session()
    network, _ = load_network(trained)
    calibrate(network, about.temperature)
    save_keras(network, folder / KERAS)
    shown = dataset.select(Rows(IMAGES), "val").inputs[:NUM_CHECKED]
    model = convert_checked(network, shown)
    (folder / LITERT).write_bytes(attach(model, about))
    novelty = Novelty.fit(features, dataset.labels)
    image, weights = about.image, load_weights(BACKBONE)
    backbone = build_backbone(image.resolution, image.pixel_range, weights)
    distances = convert_to(build_novelty(backbone, novelty), "float32", shown)
    (folder / NOVELTY).write_bytes(attach(distances, about))


def convert_checked(network: keras.Model, shown: np.ndarray) -> bytes:
    """Converts a network to float32.

    Args:
        network: (batch, size, size, 3) in [0, 255] to (batch, classes).
        shown: (images, size, size, 3) uint8 that it is to answer as Keras does.

    Raises:
        RuntimeError: it does not.
    """
    model = convert_to(network, "float32", shown)
    answers = predict(open_frozen(model), shown)
    check_float32(compare_answers(answers, predict(compile_network(network), shown)), LITERT)
    return model


def calibrate(network: keras.Model, temperature: float) -> None:
    """Divides what goes into a network's softmax by a temperature, in place.

    The classes that it names stay the same.

    Source: Guo et al., "On calibration of modern neural networks", 2017.

    Args:
        network: ends in a dense layer with a softmax.
        temperature: above 0; above 1 it makes the network less sure of itself.
    """
    layer = network.layers[-1]
    if isinstance(layer, keras.Model):
        calibrate(layer, temperature)
    else:
        layer.set_weights([weights / temperature for weights in layer.get_weights()])


def save_keras(network: keras.Model, path: Path) -> None:
    """Saves a network for keras.models.load_model, with the same bytes each time: Keras writes the
    date into the file, and calls what layers share by where it lies in memory.
    """
    network.save(path)
    with zipfile.ZipFile(path) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    about = json.loads(parts["metadata.json"])
    parts["metadata.json"] = json.dumps(about | {"date_saved": ""}).encode()
    parts["config.json"] = number_shared(parts["config.json"].decode()).encode()
    path.write_bytes(zip_files(parts))


def number_shared(config: str) -> str:
    """Calls what layers share by numbers in the order in which they come, from 0."""
    numbers: dict[str, int] = {}

    def rename(found: re.Match) -> str:
        return f"{found[1]}{numbers.setdefault(found[2], len(numbers))}"

    return re.sub(r'("shared_object_id": )(\d+)', rename, config)


def attach(model: bytes, about: About) -> bytes:
    """Appends labels and card to a LiteRT model, of which interpreters read the beginning, and
    whatever opens zip files the end.
    """
    labels = "".join(f"{name}\n" for name in about.classes)
    card = json.dumps(about.model_dump(), indent=2, ensure_ascii=False)
    return model + zip_files({LABELS: labels.encode(), CARD: card.encode()})


def zip_files(files: dict[str, bytes]) -> bytes:
    """Makes a zip of files, by name, that has the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, NO_TIME), content)
    return buffer.getvalue()
