"""Checks every key of params.yaml, and that there are images, before anything else runs.

Reads params.yaml and the paper that it names, and looks at data.source and at git. Writes
data/pipeline/checked.txt, which never changes: the other stages wait for it, but are not run again
by it.
"""

import subprocess
from pathlib import Path

from threeway.errors import InputError, run_stage
from threeway.labelling import describe_labels, label_source
from threeway.papers import read_active
from threeway.settings import load_settings
from threeway.sources import open_source


def check_commit() -> None:
    """Makes sure that git has a commit, without which DVCLive records nothing."""
    head = ["git", "rev-parse", "--quiet", "--verify", "HEAD"]
    found = subprocess.run(head, capture_output=True, check=False)
    if Path(".git").exists() and found.returncode:
        raise InputError(
            "this git repository has no commit yet; run 'git add . && git commit -m start', then "
            "'dvc repro'"
        )


def main() -> None:
    settings = load_settings("paper", "data")
    read_active(settings.paper)
    check_commit()
    print(describe_labels(label_source(open_source(settings.data.source), settings.data)))
    checked = Path("data/pipeline/checked.txt")
    checked.parent.mkdir(parents=True, exist_ok=True)
    checked.write_text("params.yaml is valid, and data.source can be read\n")


if __name__ == "__main__":
    run_stage(main)
