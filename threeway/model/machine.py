"""What a measurement was made on: processor, cores and versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "dvc", "dvclive")


def describe_machine() -> dict[str, str | int]:
    """Describes this machine: processor, cores, system, Python and the packages that matter."""
    return {
        "processor": name_processor(),
        "cores": os.cpu_count() or 1,
        "system": platform.platform(),
        "python": platform.python_version(),
    } | {package: version(package) for package in PACKAGES}


def name_processor() -> str:
    """Names the processor's model, or its architecture where the system does not tell more."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
