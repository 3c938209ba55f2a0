"""A folder for what only lasts while some work is done."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_scratch(folder: Path) -> Iterator[Path]:
    """Makes an empty folder and removes it in the end; one that a killed process left goes too."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
