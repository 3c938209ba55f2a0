"""TensorFlow and Keras compute alike, whatever their user has set up for other work."""

import json
import os
import subprocess
import sys
from pathlib import Path

SAY = """
from threeway.runtime import keras
print(keras.backend.backend(), keras.backend.floatx(), keras.backend.epsilon(),
      keras.backend.image_data_format(), keras.layers.Dense(1).dtype_policy.name)
"""


def say(**environment: str) -> str:
    """Says how Keras computes in a process with these variables."""
    done = subprocess.run(
        [sys.executable, "-c", SAY],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_keras_computes_as_it_does_by_default_whatever_its_user_has_set(tmp_path: Path):
    default = "tensorflow float32 1e-07 channels_last float32"
    (tmp_path / "none").mkdir()
    assert say(KERAS_HOME=str(tmp_path / "none")) == default
    other = {"backend": "torch", "floatx": "float16", "epsilon": 1e-3}
    other["image_data_format"] = "channels_first"
    (tmp_path / "keras.json").write_text(json.dumps(other))
    assert say(KERAS_HOME=str(tmp_path), KERAS_BACKEND="jax") == default
