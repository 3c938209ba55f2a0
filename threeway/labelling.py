"""Class and split of each file of a source, read off its folders."""

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from threeway.errors import InputError
from threeway.sources import FORMULA_STARTS, Source

SPLIT_NAMES = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
SYSTEM_NAMES = {"__MACOSX", "Thumbs.db", "desktop.ini"}
# ImageNet has as many. Tables of confusion grow with the square.
MAX_CLASSES = 1000


@dataclass(frozen=True)
class Entry:
    """A file of the source: where it is, what its folders say of it, or why it is left out."""

    path: str
    class_name: str | None = None
    split: str | None = None
    rejection: str | None = None


def label_source(source: Source) -> list[Entry]:
    """Reads class and split off each path of a source; what it refuses has its reason.

    Raises:
        InputError: the source cannot be read, or its folders are no classes: see label_paths.
    """
    paths = source.list_paths()
    entries = label_paths([path for path in paths if path not in source.refused])
    refused = [Entry(path, rejection=source.refused[path]) for path in sorted(source.refused)]
    return [*entries, *refused]


def label_paths(paths: list[str]) -> list[Entry]:
    """Reads class and split off each path: [wrapper/]...[split/]class/[...]file.

    A single folder around everything is no class; folders that are all named like splits,
    train among them, are a division.

    Raises:
        InputError: no file lies in a class folder, a division lacks its test folder, or classes
            are too many or named as they should not be.
    """
    visible = [path for path in paths if not is_system_file(path)]
    depth = count_wrappers(visible)
    tops = {PurePosixPath(path).parts[depth] for path in visible if path_depth(path) > depth + 1}
    splits = {SPLIT_NAMES.get(top.lower()) for top in tops}
    divided = "train" in splits and None not in splits and len(splits) > 1
    if divided and "test" not in splits:
        raise InputError(
            f"data.source is divided into {sorted(tops)} without a test folder; add one, or "
            "merge the class folders into one level and let threeway divide them"
        )
    entries = [label_path(path, depth, divided) for path in paths]
    if not any(entry.class_name for entry in entries):
        raise InputError(
            f"data.source holds {len(paths)} files and no class folder; expected one folder "
            "of images for each class"
        )
    check_names([entry for entry in entries if entry.class_name])
    return entries


def check_names(entries: list[Entry]) -> None:
    """Makes sure that classes can be told apart, and that no name is a spreadsheet's formula.

    Raises:
        InputError: names the folders, and the way out.
    """
    classes = sorted({entry.class_name for entry in entries})
    if len(classes) > MAX_CLASSES:
        raise InputError(
            f"data.source holds {len(classes):,} classes, and at most {MAX_CLASSES:,} "
            "can be compared"
        )
    alike: dict[str, str] = {}
    for name in classes:
        other = alike.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            raise InputError(
                f"data.source: the classes {other!r} and {name!r} differ in nothing but case or "
                "the form of accents; merge the folders, or rename one"
            )
    tops = {PurePosixPath(entry.path).parts[0] for entry in entries}
    for name in sorted(tops.union(classes)):
        if name.startswith(FORMULA_STARTS):
            raise InputError(
                f"data.source: the folder {name!r} begins with {name[0]!r}, which spreadsheets "
                "take for a formula; rename it"
            )


def label_path(path: str, depth: int, divided: bool) -> Entry:
    """Reads class and split off one path whose first `depth` folders are wrappers."""
    if is_system_file(path):
        return Entry(path, rejection="system file")
    if "\r" in path:
        return Entry(path, rejection="name with a carriage return")
    folders = PurePosixPath(path).parts[depth:-1]
    if len(folders) < 1 + divided:
        return Entry(path, rejection="not in a class folder")
    if divided:
        return Entry(path, class_name=folders[1], split=SPLIT_NAMES[folders[0].lower()])
    return Entry(path, class_name=folders[0])


def is_system_file(path: str) -> bool:
    """Tells what operating systems leave behind (and every hidden file) from a user's files."""
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part in SYSTEM_NAMES for part in parts)


def count_wrappers(paths: list[str]) -> int:
    """Counts the folders around everything: each alone at its level, with folders inside."""
    depth = 0
    while True:
        inside = [path for path in paths if path_depth(path) > depth + 1]
        folders = {PurePosixPath(path).parts[depth] for path in inside}
        if len(folders) != 1 or max(map(path_depth, inside)) <= depth + 2:
            return depth
        depth += 1


def path_depth(path: str) -> int:
    return len(PurePosixPath(path).parts)
