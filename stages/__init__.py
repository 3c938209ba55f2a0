"""The pipeline's stages, one module each, run by DVC as `python -m stages.<name>`."""

import sys

from threeway.errors import report_interrupt

# TensorFlow takes seconds to import, before any stage could catch a ctrl-C.
sys.excepthook = report_interrupt
# What a terminal or a file's encoding lacks, such as some letters of class names, ends no stage.
if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(errors="backslashreplace")
