"""What a file takes is measured in a process that has LiteRT and nothing else."""

import json
import subprocess
import sys

import numpy as np
import pytest

from threeway.model import probe
from threeway.model.formats import convert_to
from threeway.networks.cnn import build_baseline_cnn
from threeway.runtime import seed_everything


@pytest.mark.usefixtures("deterministic")
def test_a_file_is_measured(tmp_path):
    seed_everything(1)
    path = tmp_path / "model.tflite"
    network = build_baseline_cnn(32, [-1, 1], 3, [4], 8, 0.5)
    path.write_bytes(convert_to(network, "float32", np.zeros((1, 32, 32, 3), np.uint8)))
    command = [sys.executable, "-X", "importtime", "-m", "threeway.model.probe", str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "tensorflow" not in told.stderr
    found = json.loads(told.stdout)
    assert found["bytes"] == path.stat().st_size
    assert found["load_milliseconds"] > 0
    assert 2**20 < found["peak_bytes"] < 2**30
    assert [*found["milliseconds"]] == ["1", "2"]
    for spread in found["milliseconds"].values():
        assert 0 < spread["low"] <= spread["median"] <= spread["high"]


def test_where_the_system_does_not_tell_memory_stays_open(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "STATUS", tmp_path / "status")
    assert probe.measure_peak() is None
