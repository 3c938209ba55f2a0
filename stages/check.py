"""Checks every key of params.yaml, and that there are images, before anything else runs.

Reads params.yaml and the paper that it names, and looks at data.source. Writes data/checked.txt,
which never changes: the other stages wait for it, but are not run again by it.
"""

from pathlib import Path

from threeway.errors import run_stage
from threeway.labelling import label_source
from threeway.papers import read_active
from threeway.settings import load_settings
from threeway.sources import open_source


def main() -> None:
    settings = load_settings("paper", "data")
    read_active(settings.paper)
    label_source(open_source(settings.data.source))
    Path("data/checked.txt").write_text("params.yaml is valid, and data.source can be read\n")


if __name__ == "__main__":
    run_stage(main)
