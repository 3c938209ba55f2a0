"""What computes: other processors give other last bits."""

import platform
from pathlib import Path


def name_processor() -> str:
    """Names the processor's model, or its architecture where the system does not tell more."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
