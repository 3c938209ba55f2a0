"""What a measurement was made on: processor, cores and versions."""

import os
import platform
from importlib.metadata import version

from threeway.processor import list_versions, name_processor


def describe_machine() -> dict[str, str | int]:
    """Describes this machine: processor, cores, system, Python and the packages that matter."""
    about = {
        "processor": name_processor(),
        "cores": os.cpu_count() or 1,
        "system": platform.platform(),
    }
    return about | list_versions() | {"dvc": version("dvc")}
