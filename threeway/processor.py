"""What computes: other processors, and other versions, give other last bits."""

import platform
from importlib.metadata import version
from pathlib import Path

# Packages of which another version may give other bits.
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "dvclive", "pandas", "h5py")


def list_versions() -> dict[str, str]:
    """Lists the versions of Python and of the packages that decide bits, by name."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def name_processor() -> str:
    """Names the processor's model, or its architecture where the system does not tell more."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
