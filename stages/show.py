"""Shows what came out, and what to do with it. Not part of the pipeline: for its user.

    python -m stages.show

Reads params.yaml, dvc.lock and what stages.compare wrote under metrics/.
"""

import os
import shutil
import sys
from pathlib import Path

from threeway.artefacts import METRICS, PLOTS
from threeway.beside.finished import read_finished
from threeway.beside.places import Place
from threeway.errors import InputError, run_stage
from threeway.records import read_json

REPORT = PLOTS / "report.html"
OPENERS = {"darwin": "open", "win32": "start"}


def tell_how_to_reach_dvc() -> list[str]:
    """Says how to get `dvc` into the user's shell, where only make's has it."""
    if "VIRTUAL_ENV" in os.environ or not Path(".venv").is_dir():
        return []
    script = r".venv\Scripts\activate" if sys.platform == "win32" else ". .venv/bin/activate"
    return [f"For dvc in this shell: {script}"]


def tell_where_the_report_is() -> list[str]:
    if not REPORT.is_file():
        return ["There is no report yet; make it: dvc repro report"]
    opener = OPENERS.get(sys.platform, "xdg-open")
    there = sys.platform == "win32" or shutil.which(opener)
    return [f"The report: {opener} {REPORT}" if there else f"The report: {REPORT.resolve()}"]


def main() -> None:
    path = METRICS / "comparison.md"
    if not path.is_file():
        raise InputError("there is no comparison yet; run 'make repro', or 'dvc repro'")
    steps = read_json(path.with_suffix(".json"))["verdict"]["next_steps"]
    print(path.read_text(encoding="utf-8"))
    outdated = read_finished(Place("This", Path())).outdated
    if outdated:
        print(f"These figures are of other settings ({', '.join(outdated)}): run 'dvc repro'.\n")
    print("\n".join([*tell_where_the_report_is(), *tell_how_to_reach_dvc(), "Next:"]))
    print("\n".join(f"- {step}" for step in steps))


if __name__ == "__main__":
    run_stage(main)
