"""Folders, zips and tars of files, read the same way. Nothing is ever unpacked to disk."""

import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from threeway.errors import InputError
from threeway.intake.decoding import NotAnImage
from threeway.intake.entries import is_system_file
from threeway.locating import locate

# A quarter of a gigabyte: no image of decoding.MAX_PIXELS that is compressed needs it.
MAX_BYTES = 2**28
# With these a spreadsheet takes a cell for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Member = TypeVar("Member", zipfile.ZipInfo, tarfile.TarInfo)


class Source(Protocol):
    """Where image files come from: their paths, and their bytes.

    Attributes:
        refused: reason by path, of what is not read whatever its folder.
    """

    refused: dict[str, str]

    def list_paths(self) -> list[str]:
        """Lists every file, refused ones too, sorted, as a path below the source with "/"."""

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | NotAnImage]]:
        """Yields (path, content or why there is none), in the order in which they are stored."""


class Folder:
    """A folder on disk. Links are read as what they lead to, but no folder is read twice."""

    def __init__(self, root: Path):
        self.root = root
        self.refused: dict[str, str] = {}

    def list_paths(self) -> list[str]:
        return self.paths

    @cached_property
    def paths(self) -> list[str]:
        """Every file, as Source.list_paths says: looked for once.

        Raises:
            InputError: one cannot be read. DVC, which hashes the folder, could not either.
        """
        errors: list[OSError] = []
        files = [Path(file) for file in self.walk(errors.append)]
        paths = {file.relative_to(self.root).as_posix(): find_fault(file) for file in files}
        told = {Path(error.filename).relative_to(self.root): str(error) for error in errors}
        told |= {path: f"{show(path)!r} {fault}" for path, fault in paths.items() if fault}
        # What systems leave is not read, so that it need not be readable.
        faults = [fault for path, fault in told.items() if not is_system_file(path)]
        if faults:
            more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
            raise InputError(
                f"data.source '{self.root}' holds what cannot be read: "
                f"{'; '.join(faults[:3])}{more}"
            )
        return sorted([*paths, *self.refused])

    def walk(self, report: Callable[[OSError], None]) -> Iterator[str]:
        """Yields every file, by way of links too; a link that is not followed goes to refused."""
        entered = [self.root.resolve()]
        for folder, folders, names in os.walk(self.root, onerror=report, followlinks=True):
            for name in sorted(folders):
                link = Path(folder, name)
                if link.is_symlink() and (reason := refuse_link(link.resolve(), entered)):
                    self.refused[link.relative_to(self.root).as_posix()] = reason
                    folders.remove(name)
                elif link.is_symlink():
                    entered.append(link.resolve())
            folders.sort()
            yield from (os.path.join(folder, name) for name in names)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | NotAnImage]]:
        """Yields what files hold, as Source says.

        Raises:
            InputError: one cannot be read.
        """
        for path in paths:
            try:
                size = (self.root / path).stat().st_size
                content = refuse_size(size) or (self.root / path).read_bytes()
            except OSError as error:
                raise InputError(f"data.source: '{path}' cannot be read: {error}") from error
            yield path, content


def refuse_link(target: Path, entered: Sequence[Path]) -> str | None:
    """Says why a link to a folder is not followed, or None.

    Args:
        target: where it leads, as a real path.
        entered: the source, then the targets of the links that were followed.
    """
    root, *others = entered
    if target.is_relative_to(root):
        return "link to a folder: it leads into the source, which is read anyway"
    if root.is_relative_to(target):
        return "link to a folder: the source lies in it"
    if any(target.is_relative_to(other) or other.is_relative_to(target) for other in others):
        return "link to a folder: another link leads there already"
    return None


def find_fault(path: Path) -> str | None:
    """Says why a file cannot be read, without opening it, or None."""
    if not is_utf8(str(path)):
        return "has a name that is not UTF-8: rename it"
    if not path.exists():
        return "is a link that leads nowhere: remove it"
    if not path.is_file():
        return "is neither file nor folder: remove it"
    if not os.access(path, os.R_OK):
        return "may not be read: change its permissions"
    return None


class Zip:
    """A zip.

    Raises:
        InputError: it asks for a password.
    """

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        files = archive.infolist()
        if any(info.flag_bits & 1 for info in files):
            raise InputError(f"data.source: '{archive.filename}' asks for a password; unpack it")
        # Folders are members too; that of all the others, "./", has no name left.
        members = name_members(files)
        named = [(name, info) for name, info in members if name and not name.endswith("/")]
        names = [name for name, _ in named]
        self.members = dict(named)
        links = {
            name for name, info in self.members.items() if stat.S_ISLNK(info.external_attr >> 16)
        }
        self.refused = refuse_members(names, links)

    def list_paths(self) -> list[str]:
        return sorted(self.members)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | NotAnImage]]:
        stored = sorted(paths, key=lambda path: self.members[path].header_offset)
        for path in stored:
            # More than the size that is stated cannot come out: zipfile stops there.
            content = refuse_size(self.members[path].file_size)
            yield path, content or read_member(self.archive.read, self.members[path])


def name_members(members: list[zipfile.ZipInfo]) -> list[tuple[str, zipfile.ZipInfo]]:
    """Names each member of a zip; old programs of Windows have backslashes between folders."""
    named = [(name_member(info), info) for info in members]
    if any("/" in name for name, _ in named):
        return named
    return [(name.replace("\\", "/"), info) for name, info in named]


def name_member(info: zipfile.ZipInfo) -> str:
    """Names a member of a zip; many programs write UTF-8 and do not say so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.removeprefix("./")


class Tar:
    def __init__(self, archive: tarfile.TarFile):
        self.archive = archive
        files = [info for info in archive.getmembers() if not info.isdir()]
        # A tar that ends anywhere else looks whole to tarfile, which reads on until nothing comes.
        archive.fileobj.seek(archive.offset)
        if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it is cut short")
        # "tar -C photos ." says "./cat/1.jpg" of what a folder calls "cat/1.jpg".
        names = [info.name.removeprefix("./") for info in files]
        self.members = dict(zip(names, files, strict=True))
        others = {name for name, info in self.members.items() if not info.isreg()}
        self.refused = refuse_members(names, others)

    def list_paths(self) -> list[str]:
        return sorted(self.members)

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | NotAnImage]]:
        # A compressed tar can only be read forwards; going back starts again from its first byte.
        stored = sorted(paths, key=lambda path: self.members[path].offset)
        for path in stored:
            content = refuse_size(self.members[path].size)
            yield path, content or read_member(self.extract, self.members[path])

    def extract(self, member: tarfile.TarInfo) -> bytes:
        return self.archive.extractfile(member).read()


def refuse_members(names: list[str], links: set[str]) -> dict[str, str]:
    """Finds what an archive should not hold: reason by name.

    Args:
        names: of all members but folders.
        links: names of links and devices.
    """
    refused = {name: "stored twice in the archive" for name, n in Counter(names).items() if n > 1}
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            refused[name] = "path that leads out of the archive"
        elif not is_utf8(name):
            refused[name] = "name that is not UTF-8"
    return refused | dict.fromkeys(links, "link or device in an archive")


def refuse_size(size: int) -> NotAnImage | None:
    """Refuses files of more bytes than an image could have, before they are read."""
    return NotAnImage(f"too large: {size:,} bytes") if size > MAX_BYTES else None


def read_member(read: Callable[[Member], bytes], member: Member) -> bytes | NotAnImage:
    """Reads a member of an archive, or says how it is damaged."""
    try:
        return read(member)
    # What zipfile, tarfile and the decompressors behind them raise.
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError,
            NotImplementedError, OSError, ValueError) as error:  # fmt: skip
        return NotAnImage(f"damaged in the archive: {error}")


def is_utf8(path: str) -> bool:
    """Tells names from bytes that Python could only carry along."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def show(path: str) -> str:
    """Makes a path printable whatever its bytes, and text to a spreadsheet whatever its start."""
    shown = path.encode(errors="backslashreplace").decode().replace("\r", "\\r")
    return f"./{shown}" if shown.startswith(FORMULA_STARTS) else shown


def open_source(path: str | Path) -> Source:
    """Opens a folder, zip or tar; an archive is told by its content, not by its name.

    Raises:
        InputError: there is nothing at this path, nothing that can be opened, or a zip that asks
            for a password.
    """
    path = locate(str(path))
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
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError,
            NotImplementedError, OSError) as error:  # fmt: skip
        raise InputError(
            f"data.source: '{path}' is no folder and cannot be opened as zip or tar: {error}"
        ) from error
