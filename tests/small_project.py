"""A small project that was run once: what end-to-end tests, and faults, begin with."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.checkout import ENVIRONMENT, change_params, copy_working_tree
from tests.conftest import draw_image, write_class_folders
from threeway.records import digest_file

SMALL = {
    "data": {"source": "shapes", "folds": 2, "fractions": {"train": 0.6, "val": 0.2, "test": 0.2}},
    "image": {"resolution": 32},
    "backbone": {"weights": "random"},
    "features": {"views": 1},
    "training": {"seeds": [1], "batch_size": 8},
    "baseline_cnn": {"filters": [4, 8], "dense_units": 8, "epochs": 2},
    "feature_extraction": {"epochs": 2},
    "fine_tuning": {"unfreeze_from": "block_16_project", "epochs": 2, "views": 1},
    "tuning": {
        "trials": 2,
        "baseline_cnn": {"learning_rate": [0.001, 0.003], "dropout": [0.5], "dense_units": [8, 9]},
        "fine_tuning": {
            "learning_rate": {"low": 0.00001, "high": 0.001},
            "unfreeze_from": ["block_16_project"],
        },
    },
    "learning_curve": {"shares": [0.5], "scenarios": ["feature_extraction"]},
    "refit": {"scenario": "fine_tuning"},
    "export": {"formats": ["float32", "int8"]},
}
# Outputs that a second run may change: seconds, costs, and what prints them.
COSTS = re.compile(
    r"data/pipeline/(seconds/.*|cost/cost\.json|formats/devices\.json)"
    r"|metrics/(cost|provenance)\.json|plots/report\.html"
)


def run(project: Path, *command: str, fails: bool = False) -> str:
    """Runs a command in a project and returns what it printed."""
    result = subprocess.run(
        command, cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    output = result.stdout + result.stderr
    assert bool(result.returncode) == fails, output
    return output


def list_stages_run(output: str) -> list[str]:
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def read_stages(project: Path) -> dict[str, dict]:
    return YAML(typ="safe").load(project / "dvc.yaml")["stages"]


def list_outputs(project: Path, stage: str) -> list[str]:
    """Lists the declared outputs of a stage."""
    content = read_stages(project)[stage]
    outs = [out for kind in ("outs", "metrics", "plots") for out in content.get(kind, [])]
    return [out if isinstance(out, str) else next(iter(out)) for out in outs]


def hash_outputs(project: Path) -> dict[str, str]:
    """Hashes every declared output, file by file."""
    hashes = {}
    for stage in read_stages(project):
        for out in list_outputs(project, stage):
            if (project / out).is_file():
                hashes[out] = digest_file(project / out)
            else:
                inside = hash_folder(project / out)
                hashes |= {f"{out}/{name}": digest for name, digest in inside.items()}
    return hashes


def hash_folder(folder: Path) -> dict[str, str]:
    """Hashes what a folder holds, by path below it; but for what DVC keeps there for git."""
    return {
        file.relative_to(folder).as_posix(): digest_file(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".gitignore"
    }


def list_changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Lists the outputs, as hash_outputs has them, that differ, but for costs."""
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    return sorted(name for name in changed if not COSTS.fullmatch(name))


@contextmanager
def changed_params(project: Path, change: dict) -> Iterator[None]:
    """Edits params.yaml and takes it back."""
    original = (project / "params.yaml").read_text()
    change_params(project, change)
    try:
        yield
    finally:
        (project / "params.yaml").write_text(original)


def make_project(project: Path) -> None:
    """Makes a checkout of the working tree with a small image set, run once and committed."""
    copy_working_tree(project)
    shapes = write_class_folders(project / "shapes", per_class=12)
    # A copy of an image under its own label, one under another, and a file that is no image.
    draw_image("circle", 0).resize((80, 80)).save(shapes / "circle" / "larger.png")
    draw_image("cross", 1).save(shapes / "stripe" / "mislabelled.bmp")
    (shapes / "cross" / "notes.jpg").write_text("no image")
    change_params(project, SMALL)
    run(project, "git", "add", ".")
    run(project, "git", "commit", "-qm", "images")
    output = run(project, "dvc", "repro")
    assert "fine_tuning" in output
    run(project, "git", "add", ".")
    run(project, "git", "commit", "-qm", "results")
