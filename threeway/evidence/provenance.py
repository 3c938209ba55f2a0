"""Where results come from, as git knows it: commit, date, and how often test was looked at."""

import json
from datetime import UTC, datetime

from threeway.git import ask_git

RECORD = "metrics/provenance.json"
# Results, whose changes say nothing of the code that made them.
RESULTS = (":!metrics", ":!plots", ":!dvc.lock")


def describe_origin(digest: str, split: str) -> dict[str, str | int | bool | None]:
    """Describes this moment in git's history; what git cannot tell is None.

    Args:
        digest: of the images.
        split: the one that results are of, "test" or "val".
    """
    commit = ask_git("rev-parse", "--short", "HEAD")
    changes = ask_git("status", "--porcelain", "--", ".", *RESULTS)
    return {
        "commit": commit,
        "dirty": None if changes is None else bool(changes),
        "date": datetime.now(UTC).date().isoformat(),
        "images": digest,
        "split": split,
        "looks_at_test": count_looks(digest, split),
    }


def count_looks(digest: str, split: str) -> int | None:
    """Counts how often test results on these images were committed, experiments too; with this one.

    What was looked at and not committed, git does not know: it is a lower bound.
    """
    commits = ask_git("log", "--all", "--format=%H", "--", RECORD)
    if commits is None:
        return None
    records = [ask_git("show", f"{commit}:./{RECORD}") for commit in commits.split()]
    looks = {record for record in records if record and is_look(record, digest)}
    return len(looks) + (split == "test")


def is_look(record: str, digest: str) -> bool:
    """Tells whether a committed record is of test results on the images with this digest."""
    try:
        found = json.loads(record)
    except ValueError:
        return False
    return (found.get("images"), found.get("split")) == (digest, "test")
