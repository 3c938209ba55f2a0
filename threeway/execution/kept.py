"""What is finished, kept until it is needed again: found by all that decides its bits.

A stage that is interrupted loses its outputs, since DVC removes them when it begins again; and to
DVC a stage with one seed more is another stage. Neither costs a run that was finished. joblib's
Memory, which keeps what a function returns, knows the code of that one function and not of those
that it calls; DVC's own cache knows whole stages.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from threeway.artefacts import KEPT
from threeway.errors import InputError
from threeway.records import digest_file, read_json, write_json

# What may be kept, in bytes; what was not used for the longest time goes first.
LIMIT = 2 * 2**30
MANIFEST = "manifest.json"


def make_key(decisive: dict) -> str:
    """Makes the name under which a result is kept.

    Args:
        decisive: all that decides its bits; as JSON has it.
    """
    text = json.dumps(decisive, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def keep(
    key: str, folder: Path, told: dict, needed: Collection[str] = (), limit: int = LIMIT
) -> None:
    """Keeps a folder: moves it, so that it takes no more room, and is there whole or not at all.

    Args:
        key: of make_key.
        folder: on the same disk as data/.
        told: what is known of it besides; as JSON has it.
        needed: keys of what does not go, however much there is.
        limit: bytes; what is kept beyond them goes, the least recently used first.
    """
    digests = {name: digest_file(folder / name) for name in list_files(folder)}
    write_json(folder / MANIFEST, {"told": told, "files": digests})
    KEPT.mkdir(parents=True, exist_ok=True)
    place = KEPT / key
    shutil.rmtree(place, ignore_errors=True)
    os.replace(folder, place)
    remove_beyond(limit, {key, *needed})


def find(key: str) -> dict | None:
    """Finds what is known of a kept folder; None where there is none, or it is damaged."""
    place = KEPT / key
    try:
        manifest = read_json(place / MANIFEST)
        whole = all(digest_file(place / name) == sha for name, sha in manifest["files"].items())
    except (OSError, ValueError, KeyError):
        whole = False
    if not whole:
        shutil.rmtree(place, ignore_errors=True)
        return None
    os.utime(place)
    return manifest["told"]


def restore(key: str, folder: Path) -> None:
    """Copies a kept folder, which was found, to where it is needed, in place of what is there.

    Raises:
        InputError: it was removed since.
    """
    if not (KEPT / key).is_dir():
        raise InputError(
            f"a finished run was removed from {KEPT} while it was still needed; run 'dvc repro' "
            "again"
        )
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(KEPT / key, folder, ignore=shutil.ignore_patterns(MANIFEST))


def forget() -> int:
    """Removes all that is kept: how many bytes that were."""
    freed = sum(map(measure_folder, list_kept()))
    shutil.rmtree(KEPT, ignore_errors=True)
    return freed


def remove_beyond(limit: int, needed: Collection[str]) -> None:
    """Removes what was not used for the longest time, until the rest is within a limit."""
    sizes = {place: measure_folder(place) for place in list_kept()}
    total = sum(sizes.values())
    for place in sorted(sizes, key=lambda place: place.stat().st_mtime):
        if total > limit and place.name not in needed:
            shutil.rmtree(place, ignore_errors=True)
            total -= sizes[place]


def list_kept() -> list[Path]:
    return list(KEPT.iterdir()) if KEPT.is_dir() else []


def list_files(folder: Path) -> Iterable[str]:
    """Lists the files below a folder, in one order, as paths from it with "/"."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def measure(key: str) -> int:
    """Measures what is kept under a key: bytes."""
    return measure_folder(KEPT / key)


def measure_folder(folder: Path) -> int:
    """Measures a folder: bytes."""
    return sum((folder / name).stat().st_size for name in list_files(folder))
