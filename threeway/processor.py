"""What computes: other processors, other versions and other settings of libraries give other last
bits.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path

# Packages of which another version may give other bits.
PACKAGES = (
    "tensorflow", "keras", "ai-edge-litert", "numpy", "scikit-learn", "dvclive", "pandas", "h5py",
)  # fmt: skip
# Beginnings of variables of the environment by which libraries choose their arithmetic.
ARITHMETIC = ("TF_", "ONEDNN_", "DNNL_", "XLA_", "MKL_", "CUDA_")
SAYS_LITTLE = {"TF_CPP_MIN_LOG_LEVEL"}


def list_versions() -> dict[str, str]:
    """Lists the versions of Python and of the packages that decide bits, by name."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def list_arithmetic() -> dict[str, str]:
    """Lists the variables of the environment that decide bits."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(ARITHMETIC) and name not in SAYS_LITTLE
    }


def name_processor() -> str:
    """Names the processor's model, or its architecture where the system does not tell more."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
