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
    "optuna",
)  # fmt: skip
# Beginnings of variables of the environment by which libraries choose their arithmetic.
ARITHMETIC = ("TF_", "ONEDNN_", "DNNL_", "XLA_", "MKL_", "CUDA_")
SAYS_LITTLE = {"TF_CPP_MIN_LOG_LEVEL"}
# Flags of Linux by which libraries choose how to compute, the widest first.
INSTRUCTIONS = {"amx_tile": "AMX", "avx512f": "AVX-512", "avx2": "AVX2"}


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


def name_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Names the processor: its model, or its architecture where the system does not tell more, and
    the widest instructions of x86 that it has.

    A virtual machine may call all processors of a maker alike, with and without AVX-512; libraries
    add up in another order with it.

    Args:
        cpuinfo: where Linux describes processors; it need not be there.
    """
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    model = told.get("model name") or platform.processor() or platform.machine()
    flags = told.get("flags", "").split()
    widest = [name for flag, name in INSTRUCTIONS.items() if flag in flags][:1]
    return ", ".join([model, *widest])
