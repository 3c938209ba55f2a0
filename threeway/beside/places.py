"""Where finished comparisons lie: in git revisions, DVC experiments, folders.

A revision's files are copied out of git into a scratch folder: nothing is checked out.
"""

from dataclasses import dataclass
from pathlib import Path

from threeway.errors import InputError
from threeway.git import ask_git, run_git
from threeway.scenarios import SCENARIOS

# DVC's word for the files as they are.
WORKSPACE = "workspace"
# What a finished comparison is read from.
FILES = (
    "params.yaml",
    "dvc.lock",
    "metrics/comparison.json",
    "metrics/data.json",
    *(f"metrics/{scenario}/predictions.csv" for scenario in SCENARIOS),
)


@dataclass(frozen=True)
class Place:
    """A folder that holds those of FILES that a place has.

    Attributes:
        label: what tables call it.
        folder: where they are.
    """

    label: str
    folder: Path


def open_places(texts: list[str], scratch: Path) -> list[Place]:
    """Finds each place, PLACE or LABEL=PLACE, in the order given.

    Args:
        texts: revisions, names of DVC experiments, folders or "workspace". What is both a revision
            and a folder is the revision; ./NAME is the folder.
        scratch: an empty folder, into which the files of revisions go.

    Raises:
        InputError: there is no such place, or two have the same label.
    """
    named = [split_label(text) for text in texts]
    labels = [label for label, _ in named]
    for label in labels:
        if labels.count(label) > 1:
            raise InputError(
                f"{labels.count(label)} places are called '{label}', expected different names; "
                "give each one of its own: LABEL=PLACE"
            )
    return [Place(label, find_folder(name, scratch)) for label, name in named]


def split_label(text: str) -> tuple[str, str]:
    """Splits LABEL=PLACE at its first "="; without one, a place is called by its name."""
    label, equals, name = text.partition("=")
    label, name = label.strip(), name if equals else text
    if not label or not name:
        raise InputError(f"'{text}' lacks a label or a place, expected PLACE or LABEL=PLACE")
    return label, name


def find_folder(name: str, scratch: Path) -> Path:
    """Finds a place's folder, which for a revision is made in scratch."""
    if name == WORKSPACE:
        return Path()
    commit = find_commit(name) or find_experiment(name)
    if commit:
        return export(commit, scratch)
    if Path(name).is_dir():
        return Path(name)
    raise InputError(
        f"'{name}' is no revision of this repository, no DVC experiment and no folder; "
        "'git branch --all', 'git log --oneline' and 'dvc exp list --all-commits' list what there "
        f"is, and '{WORKSPACE}' is the files as they are"
    )


def find_commit(name: str) -> str | None:
    """Resolves a branch, tag or commit as git does; None where git knows no such thing."""
    return ask_git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")


def find_experiment(name: str) -> str | None:
    """Resolves the name of a DVC experiment as DVC does: one that began at HEAD comes first.

    Raises:
        InputError: several have the name, and none or more than one of them began at HEAD.

    Source: DVC's documentation, "dvc exp": refs/exps/<2 digits>/<38 digits>/<name>, the digits
    being those of the commit that the experiment began at.
    """
    listing = ask_git("for-each-ref", "--format=%(objectname) %(refname)", "refs/exps/") or ""
    found = {}
    for line in listing.splitlines():
        commit, ref = line.split(" ", 1)
        parts = ref.split("/")
        if len(parts) == 5 and parts[4] == name:
            found["".join(parts[2:4])] = commit
    head = find_commit("HEAD")
    if head in found:
        return found[head]
    if len(found) > 1:
        raise InputError(
            f"{len(found)} DVC experiments are called '{name}' and none began at HEAD, expected "
            f"one; name its commit: 'git for-each-ref refs/exps' lists them"
        )
    return next(iter(found.values()), None)


def export(commit: str, scratch: Path) -> Path:
    """Copies those of FILES that a commit has into a folder in scratch: its path."""
    folder = scratch / commit
    for path in FILES:
        # "./": the project may be a folder of a larger repository.
        content = run_git("cat-file", "blob", f"{commit}:./{path}")
        if content is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    return folder
