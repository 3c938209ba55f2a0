"""A table of labels: a CSV with a row for each image, for sources whose folders say nothing."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from threeway import settings
from threeway.errors import InputError
from threeway.intake.division import read_split
from threeway.intake.entries import NO_FILE, Entry
from threeway.locating import locate

SEPARATORS = ",;\t"
NO_SPLIT = "no split in data.table"
# Ends of the names of images, by which one is told from what lies beside it: those that are not
# read as well, so that no mask is taken for what it masks.
IMAGE_ENDS = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".heic", ".heif", ".hif",
    ".avif", ".bmp", ".dib", ".gif", ".tif", ".tiff",
)  # fmt: skip
# A function that finds the file that a row means: its path, or all that it may be.
Find = Callable[[str], str | list[str]]


@dataclass(frozen=True)
class Row:
    """What one line says; "" where a cell is empty or there is no such column."""

    path: str
    class_name: str
    split: str
    group: str


def label_by_table(
    usable: Sequence[str], faulty: Sequence[str], data: settings.Data
) -> list[Entry]:
    """Labels files by a table: an entry for each file, and for each row that has none.

    Args:
        usable: paths of files below the source.
        faulty: of those that are left out anyway, which have their rows all the same.
        data: says where the table is, and how its columns are called.

    Raises:
        InputError: there is no such table, it lacks a column, or none of it fits the files.
    """
    rows = read_table(locate(data.table), data.columns, data.division != "dissolve")
    find = index_files([*usable, *faulty])
    by_path: dict[str, list[Row]] = {}
    missing = {}
    for row in rows:
        found = find(row.path)
        if isinstance(found, str):
            by_path.setdefault(found, []).append(row)
        else:
            reason = f"that fits {len(found)} files" if found else "without a file"
            class_name = row.class_name or None
            missing[row.path] = Entry(row.path, class_name, rejection=f"{NO_FILE} {reason}")
    if not by_path:
        refuse_misfit(data.table, rows, [*usable, *faulty], find)
    divided = any(row.split for row in rows)
    entries = [label_file(path, by_path.get(path, []), divided) for path in [*usable, *faulty]]
    check_splits(entries, rows, data)
    return sorted([*entries, *missing.values()], key=lambda entry: entry.path)


def read_table(path: Path, columns: settings.Columns, with_split: bool) -> list[Row]:
    """Reads the rows of a CSV whose cells are separated by commas, semicolons or tabs.

    Every cell is text: a class called "NA" or "1.0" keeps that name.

    Raises:
        InputError: it is not there, no UTF-8, lacks a column, or has a line of too many cells.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"data.table: there is nothing at '{path}'; set it to a CSV, or to none"
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"data.table: '{path}' is not UTF-8 ({error}); save it as 'CSV UTF-8'"
        ) from error
    except OSError as error:
        raise InputError(f"data.table: '{path}' cannot be read: {error.strerror}") from error
    wanted = {"path": columns.path, "class": columns.class_}
    wanted |= {"split": columns.split} if with_split and columns.split != "none" else {}
    wanted |= {"group": columns.group} if columns.group != "none" else {}
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        check_columns(path, wanted, [name.strip() for name in reader.fieldnames or []])
        # Spreadsheets end a table with lines of separators alone.
        filled = (row for row in reader if any(row.values()))
        return [read_row(path, reader.line_num, row, wanted) for row in filled]
    except csv.Error as error:
        raise InputError(f"data.table: '{path}', line {reader.line_num}: {error}") from error


def check_columns(path: Path, wanted: dict[str, str], found: list[str]) -> None:
    twice = [name for name, count in Counter([*wanted.values()]).items() if count > 1]
    twice += [name for name in wanted.values() if found.count(name) > 1]
    if twice:
        raise InputError(
            f"data.table: '{path}': {twice[0]!r} is meant, or named in the first line, more than "
            "once; rename a column, or change data.columns"
        )
    for key, name in wanted.items():
        if name not in found:
            or_none = "" if key in ("path", "class") else ", or none"
            raise InputError(
                f"data.table: '{path}' has no column {name!r}, only "
                f"{', '.join(map(repr, found))}{settings.suggest(name, found)}; say in "
                f"data.columns.{key} which is meant{or_none}"
            )


def read_row(path: Path, line: int, cells: dict, wanted: dict[str, str]) -> Row:
    if None in cells:
        raise InputError(
            f"data.table: '{path}', line {line}, has more cells than the first line has names; "
            "put quotes around a cell that holds the separator"
        )
    by_name = {name.strip(): (cell or "").strip() for name, cell in cells.items()}
    values = {key: by_name[name] for key, name in wanted.items()}
    return Row(values["path"], values["class"], values.get("split", ""), values.get("group", ""))


def index_files(paths: Iterable[str]) -> Find:
    """Makes a function that finds the file that a row means: its path, or all that it may be.

    A row may have the path below the source, with or without its extension, or the file's name
    alone, where there is one such file.
    """
    ways: list[Callable[[PurePosixPath], str]] = [
        str,
        lambda path: str(path.with_suffix("")),
        lambda path: path.name,
        lambda path: path.stem,
    ]
    indices: list[dict[str, list[str]]] = [{} for _ in ways]
    for path in paths:
        for index, way in zip(indices, ways, strict=True):
            index.setdefault(way(PurePosixPath(path)), []).append(path)

    def find(name: str) -> str | list[str]:
        for key in dict.fromkeys((name, str(PurePosixPath(name.replace("\\", "/"))))):
            for index in indices:
                if found := index.get(key):
                    # Beside an image there may be what was said of it: a.xml, a.txt.
                    images = [path for path in found if path.lower().endswith(IMAGE_ENDS)]
                    found = images or found
                    return found[0] if len(found) == 1 else found
        return []

    return find


def label_file(path: str, rows: Sequence[Row], divided: bool) -> Entry:
    """Makes one entry of the rows that name a file: none, one, or several that must agree."""
    if not rows:
        return Entry(path, rejection="no row in data.table")
    for key, told in (("class_name", "classes"), ("split", "splits"), ("group", "groups")):
        values = sorted({getattr(row, key) for row in rows})
        if len(values) > 1:
            named = ", ".join(value or "none" for value in values)
            return Entry(path, rejection=f"different {told} in data.table: {named}")
    row = rows[0]
    split = read_split(row.split)
    entry = Entry(path, row.class_name or None, split, group=row.group or None)
    if split == "unlabelled":
        return Entry(path, rejection="unlabelled: by its split in data.table")
    if not row.class_name:
        return Entry(path, split=split, rejection="no class in data.table")
    if divided and split is None:
        return Entry(path, row.class_name, rejection=f"{NO_SPLIT}: {row.split!r}")
    return entry


def check_splits(entries: Sequence[Entry], rows: Sequence[Row], data: settings.Data) -> None:
    """Makes sure that the column of splits holds some, before all files are rejected by it."""
    if all(entry.rejection for entry in entries) and any(
        entry.rejection.startswith(NO_SPLIT) for entry in entries
    ):
        found = sorted({row.split for row in rows})[:3]
        raise InputError(
            f"data.table: the column {data.columns.split!r} holds no split but "
            f"{', '.join(map(repr, found))}; expected train, val and test, or set "
            "data.columns.split to none"
        )


def refuse_misfit(table: str, rows: Sequence[Row], paths: Sequence[str], find: Find) -> None:
    if not rows:
        raise InputError(f"data.table: '{table}' has no row below its first line")
    if several := find(rows[0].path):
        raise InputError(
            f"data.table: no row of '{table}' names one file of data.source; {rows[0].path!r} may "
            f"be {len(several)} of them, such as {several[0]!r} and {several[1]!r}: write paths"
        )
    raise InputError(
        f"data.table: no row of '{table}' names a file of data.source; a row has "
        f"{rows[0].path!r}, a file is {paths[0]!r}"
        if paths
        else "data.source holds no file"
    )
