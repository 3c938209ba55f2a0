"""Folders, zips and tars of labelled images, read the same way."""

import os
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from threeway.errors import InputError

SPLIT_NAMES = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
SYSTEM_NAMES = {"__MACOSX", "Thumbs.db", "desktop.ini"}


class Source(Protocol):
    """Where image files come from: their paths, and their bytes."""

    def list_paths(self) -> list[str]:
        """Lists every file, sorted, as a path below the source with forward slashes."""

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yields (path, content) of these files, in the order in which they are stored."""


class Folder:
    def __init__(self, root: Path):
        self.root = root

    def list_paths(self) -> list[str]:
        found = []
        for folder, _, names in os.walk(self.root, followlinks=False):
            found += [Path(folder, name).relative_to(self.root).as_posix() for name in names]
        return sorted(found)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            try:
                content = (self.root / path).read_bytes()
            except OSError as error:
                raise InputError(f"data.source: '{path}' cannot be read: {error}") from error
            yield path, content


class Zip:
    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        if any(info.flag_bits & 1 for info in self.members.values()):
            raise InputError(f"data.source: '{archive.filename}' asks for a password; unpack it")

    def list_paths(self) -> list[str]:
        return sorted(self.members)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        stored = sorted(paths, key=lambda path: self.members[path].header_offset)
        for path in stored:
            yield path, self.archive.read(path)


class Tar:
    def __init__(self, archive: tarfile.TarFile):
        self.archive = archive
        self.members = {info.name: info for info in archive.getmembers() if info.isfile()}

    def list_paths(self) -> list[str]:
        return sorted(self.members)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        # A compressed tar can only be read forwards; going back starts again from its first byte.
        stored = sorted(paths, key=lambda path: self.members[path].offset)
        for path in stored:
            yield path, self.archive.extractfile(self.members[path]).read()


def open_source(path: str | Path) -> Source:
    """Opens a folder, zip or tar; an archive is told by its content, not by its name.

    Raises:
        InputError: there is nothing at this path, or nothing that can be opened.
    """
    path = Path(path)
    if path.is_dir():
        return Folder(path)
    if not path.exists():
        raise InputError(
            f"data.source: there is nothing at '{path}'; set it to a folder, zip or tar "
            "that holds one folder of images for each class"
        )
    try:
        if zipfile.is_zipfile(path):
            return Zip(zipfile.ZipFile(path))
        return Tar(tarfile.open(path))
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise InputError(
            f"data.source: '{path}' is no folder and cannot be opened as zip or tar: {error}"
        ) from error


@dataclass(frozen=True)
class Entry:
    """A file of the source: where it is, what its folders say of it, or why it is left out."""

    path: str
    class_name: str | None = None
    split: str | None = None
    rejection: str | None = None


def label_paths(paths: list[str]) -> list[Entry]:
    """Reads class and split off each path: [wrapper/]...[split/]class/[...]file.

    A single folder around everything is no class; folders that are all named like splits,
    train among them, are a division.

    Raises:
        InputError: no file lies in a class folder, or a division lacks its test folder.
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
    return entries


def label_path(path: str, depth: int, divided: bool) -> Entry:
    """Reads class and split off one path whose first `depth` folders are wrappers."""
    if is_system_file(path):
        return Entry(path, rejection="system file")
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
