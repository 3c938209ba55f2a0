"""What a measurement was made on: processor, cores and versions."""

import os
import platform
from importlib.metadata import version

from threeway.processor import name_processor

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "optuna", "dvc", "dvclive")


def describe_machine() -> dict[str, str | int]:
    """Describes this machine: processor, cores, system, Python and the packages that matter."""
    return {
        "processor": name_processor(),
        "cores": os.cpu_count() or 1,
        "system": platform.platform(),
        "python": platform.python_version(),
    } | {package: version(package) for package in PACKAGES}
