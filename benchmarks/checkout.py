"""Copies of this project in which tests and benchmarks run the real commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
# DVC finds the same Python, however this was started; the name is for git's commits.
ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.org",
}  # fmt: skip
# What a run has made: a copy starts without.
MADE = ("metrics/", "plots/", "dvc.lock", "benchmarks/papers/", "benchmarks/photographs/")


def copy_working_tree(project: Path) -> None:
    """Copies what git tracks or would track, and makes it a repository with one commit."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith(MADE) and (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, project / name)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "copy"]):
        run(project, "git", *command)


def run(project: Path, *command: str) -> None:
    """Runs a command in a copy; what it prints but for errors is not shown."""
    subprocess.run(command, cwd=project, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)


def read_params(project: Path) -> dict:
    return YAML(typ="safe").load(project / "params.yaml")


def change_params(project: Path, *changes: dict) -> None:
    """Edits params.yaml as a user does, comments kept; of several changes the last one counts."""
    yaml, path = YAML(), project / "params.yaml"
    content = yaml.load(path)
    for change in changes:
        for key, value in change.items():
            if isinstance(value, dict):
                content[key].update(value)
            else:
                content[key] = value
    yaml.dump(content, path)
