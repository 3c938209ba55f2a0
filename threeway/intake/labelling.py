"""Class, split and group of each file of a source, read off its folders or a table."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from threeway import settings
from threeway.errors import InputError
from threeway.intake.division import read_split, reject_unlabelled, settle_division
from threeway.intake.entries import SYSTEM_FILE, Entry, fold_name, is_system_file
from threeway.intake.groups import name_groups
from threeway.intake.label_table import label_by_table
from threeway.intake.layout import Layout, find_layout
from threeway.intake.sources import FORMULA_STARTS, Source

# ImageNet has as many. Tables of confusion grow with the square.
MAX_CLASSES = 1000


def label_source(source: Source, data: settings.Data) -> list[Entry]:
    """Says of each file of a source what it is: class, split, group, or why it is left out.

    Raises:
        InputError: the source cannot be read, or its files cannot be labelled: see label_paths.
    """
    return label_paths(source.list_paths(), data, source.refused)


def label_paths(
    paths: Sequence[str], data: settings.Data, refused: dict[str, str] | None = None
) -> list[Entry]:
    """Labels each path by data.table, by data.layout, or by what its folders seem to mean.

    Args:
        paths: below the source, with "/".
        data: how to read them.
        refused: reason by path, of what is left out whatever its label.

    Raises:
        InputError: the folders can be read in two ways or hold no class, the table does not fit
            them, the division or the groups are not as data says, or classes are too many or
            named as they should not be.
    """
    faults = {path: fault for path in paths if (fault := find_fault(path))} | (refused or {})
    usable = [path for path in paths if path not in faults]
    if data.table != "none":
        entries = label_by_table(usable, sorted(set(faults) & set(paths)), data)
    else:
        layout = read_layout(usable, data.layout)
        entries = reject_unlabelled([label_path(path, layout) for path in paths], data.division)
    entries = reject(entries, faults)
    check_labels(entries, data)
    return name_groups(settle_division(entries, data.division), data.group)


def find_fault(path: str) -> str | None:
    """Says why a file is not used whatever its label, or None."""
    if is_system_file(path):
        return SYSTEM_FILE
    return "name with a carriage return" if "\r" in path else None


def read_layout(paths: Sequence[str], template: str) -> Layout:
    """Takes the layout that the user names, or finds one that fits."""
    return find_layout(paths) if template == "auto" else Layout(tuple(template.split("/")))


def label_path(path: str, layout: Layout) -> Entry:
    """Reads what the folders around one file say of it."""
    found = layout.read(path)
    split = read_split(found["split"]) if "split" in found else None
    entry = Entry(path, found.get("class"), split, group=found.get("group"))
    if split == "unlabelled":
        return Entry(path, rejection="unlabelled: in a folder of such a name")
    if "split" in found and split is None:
        return replace(entry, rejection="not in a folder that is named like a split")
    if "split" in layout.levels and "split" not in found:
        return replace(entry, rejection="not in a split's folder")
    return entry if entry.class_name else replace(entry, rejection="not in a class folder")


def reject(entries: Sequence[Entry], faults: dict[str, str]) -> list[Entry]:
    """Rejects files that have a fault of their own; of a class that others have they keep it."""
    known = {e.class_name for e in entries if not e.rejection and e.path not in faults}

    def label(entry: Entry) -> Entry:
        said = faults[entry.path] != SYSTEM_FILE and ".." not in PurePosixPath(entry.path).parts
        return entry if said and entry.class_name in known else Entry(entry.path)

    return [
        replace(label(entry), rejection=faults[entry.path]) if entry.path in faults else entry
        for entry in entries
    ]


def check_labels(entries: Sequence[Entry], data: settings.Data) -> None:
    """Makes sure that there are classes, that they can be told apart, and none is a formula.

    Raises:
        InputError: names the classes, and the way out.
    """
    labelled = [entry for entry in entries if entry.class_name and not entry.rejection]
    if not labelled:
        refuse_unlabelled(entries, data)
    classes = sorted({entry.class_name for entry in labelled})
    if len(classes) == 1:
        raise InputError(
            f"data.source holds 1 class, {classes[0]!r}, expected at least 2; each has a folder of "
            "its own, or is said by a table (data.table)"
        )
    if len(classes) > MAX_CLASSES:
        raise InputError(
            f"data.source holds {len(classes):,} classes, and at most {MAX_CLASSES:,} can be "
            f"compared; if folders such as {classes[0]!r} are no classes, say in data.layout on "
            "which level classes are"
        )
    alike: dict[str, str] = {}
    for name in classes:
        other = alike.setdefault(fold_name(name), name)
        if other != name:
            raise InputError(
                f"data.source: the classes {other!r} and {name!r} differ in nothing but case or "
                "the form of accents; merge the folders, or rename one"
            )
    check_starts({entry.path for entry in labelled}, classes, data.table != "none")


def check_starts(paths: Iterable[str], classes: Iterable[str], by_table: bool) -> None:
    """Makes sure that no cell of a table that the pipeline writes is taken for a formula.

    Args:
        paths: of files that have a class.
        classes: their names.
        by_table: whether a table says them, and not folders.

    Raises:
        InputError: names the first, and says how many others there are.
    """
    kinds = dict.fromkeys(classes, "class" if by_table else "folder")
    for path in paths:
        top, *below = PurePosixPath(path).parts
        kinds.setdefault(top, "folder" if below else "file")
    found = sorted(name for name in kinds if name.startswith(FORMULA_STARTS))
    if found:
        name, others = found[0], len(found) - 1
        more = f", and {others:,} more like it" if others else ""
        raise InputError(
            f"data.source: the {kinds[name]} {name!r} begins with {name[0]!r}, which spreadsheets "
            f"take for a formula; rename it{more}"
        )


def refuse_unlabelled(entries: Sequence[Entry], data: settings.Data) -> None:
    files = [entry for entry in entries if entry.rejection != SYSTEM_FILE]
    if data.layout != "auto" and files:
        raise InputError(
            f"data.layout {data.layout!r} fits no file of data.source: e.g. {files[0].path!r} is "
            f"{files[0].rejection}; levels are counted from data.source downwards"
        )
    if data.table != "none" and files:
        raise InputError(
            f"data.table '{data.table}' gives no file a class: e.g. {files[0].path!r} has "
            f"{files[0].rejection}"
        )
    raise InputError(
        f"data.source holds {len(entries):,} files and no class folder; expected one folder of "
        "images for each class, or a table with each file's class (data.table)"
    )
