"""What the levels of folders mean, as the user says or as far as the names tell."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from threeway.errors import InputError
from threeway.intake.division import read_split, says_nothing

# Of the folders, or classes, that a message shows.
MAX_SHOWN = 6


@dataclass
class Tree:
    """A folder: how many files lie in it, not counting deeper ones, and its folders by name."""

    files: int = 0
    folders: dict[str, "Tree"] = field(default_factory=dict)

    def count(self) -> int:
        """Counts the files at any depth."""
        return self.files + sum(folder.count() for folder in self.folders.values())


@dataclass(frozen=True)
class Layout:
    """The meaning of each level, from the source downwards.

    Attributes:
        levels: "split", "class", "group", or "*" for one that means nothing.
        inner: folders that mean nothing between a split's folder, by its name, and its classes.
    """

    levels: tuple[str, ...]
    inner: dict[str, int] = field(default_factory=dict)

    def read(self, path: str) -> dict[str, str]:
        """Reads the folder at each level that means something and that the path has."""
        folders = PurePosixPath(path).parts[:-1]
        at = self.levels.index("split") + 1 if "split" in self.levels else 0
        inner = self.inner.get(folders[at - 1], 0) if at and len(folders) >= at else 0
        levels = [*self.levels[:at], *["*"] * inner, *self.levels[at:]]
        return {level: name for level, name in zip(levels, folders, strict=False) if level != "*"}


def grow_tree(paths: Iterable[str]) -> Tree:
    """Makes a tree of folders out of the paths of files."""
    root = Tree()
    for path in paths:
        folder = root
        for name in PurePosixPath(path).parts[:-1]:
            folder = folder.folders.setdefault(name, Tree())
        folder.files += 1
    return root


def find_layout(paths: Iterable[str]) -> Layout:
    """Finds out what the folders mean: [wrapper/]...[split/]class/[...]file.

    A single folder around everything is no class; folders that are all named like splits are a
    division.

    Raises:
        InputError: they can be read in two ways, which are shown, or hold no class folder.
    """
    wrappers, top = skip_wrappers(grow_tree(paths))
    levels = ("*",) * wrappers
    split_like = {name: folder for name, folder in top.folders.items() if read_split(name)}
    inner = {name: skip_inner(folder) for name, folder in split_like.items()}
    divided = {
        name: folder.folders
        for name, (_, folder) in inner.items()
        if folder.folders and read_split(name) != "unlabelled"
    }
    if split_like and len(split_like) == len(top.folders):
        if not divided:
            refuse_flat(levels, top)
        layout = Layout((*levels, "split", "class"), {name: n for name, (n, _) in inner.items()})
        refuse_doubt(layout.levels, merge(divided.values()), top)
        return layout
    if len({read_split(name) for name in divided}) > 1:
        refuse_mixture(levels, top, divided)
    refuse_doubt((*levels, "class"), top.folders, top)
    return Layout((*levels, "class"))


def skip_wrappers(tree: Tree) -> tuple[int, Tree]:
    """Goes below folders that are alone at their level, with folders inside: how many, where."""
    depth = 0
    while len(tree.folders) == 1:
        [inside] = tree.folders.values()
        if not inside.folders:
            break
        depth, tree = depth + 1, inside
    return depth, tree


def skip_inner(tree: Tree) -> tuple[int, Tree]:
    """Likewise below a split's folder, but only by name: a class may be alone there."""
    depth = 0
    while len(tree.folders) == 1:
        [(name, inside)] = tree.folders.items()
        if not (read_split(name) or says_nothing(name)):
            break
        depth, tree = depth + 1, inside
    return depth, tree


def merge(parts: Iterable[dict[str, Tree]]) -> dict[str, Tree]:
    """Lays the folders of several places on each other, by name."""
    merged: dict[str, Tree] = {}
    for folders in parts:
        for name, folder in folders.items():
            into = merged.setdefault(name, Tree())
            into.files += folder.files
            into.folders = merge([into.folders, folder.folders])
    return merged


def refuse_flat(levels: tuple[str, ...], top: Tree) -> None:
    raise InputError(
        f"data.source is divided into {join(f'{name}/' for name in top.folders)}, and holds no "
        f"class folder ({top.count():,} files); say each file's class in a table (data.table), "
        f'or, if these are the classes, set data.layout to "{"/".join([*levels, "class"])}"'
    )


def refuse_doubt(levels: tuple[str, ...], classes: dict[str, Tree], top: Tree) -> None:
    """Refuses class folders whose own folders might as well be the classes.

    That is so if one holds only folders, two or more, or if all of them hold the same.

    Raises:
        InputError: it is so; shows each way to read them.
    """
    names = [frozenset(folder.folders) for folder in classes.values()]
    alike = len(names) > 1 and len(set(names)) == 1 and len(names[0]) > 1
    if not alike and not any(not f.files and len(f.folders) > 1 for f in classes.values()):
        return
    inside = merge(folder.folders for folder in classes.values())
    readings = [
        (levels, classes, ""),
        ((*levels, "group"), classes, "; what is in one folder stays in one split"),
        ((*levels[:-1], "*", "class"), inside, ""),
    ]
    if "split" not in levels and len({read_split(name) for name in inside} - {None}) > 1:
        readings.append(((*levels, "split"), classes, f", divided by {join(inside)}"))
    refuse_reading(top if "split" not in levels else Tree(0, classes), readings)


def refuse_mixture(levels: tuple[str, ...], top: Tree, divided: dict[str, dict]) -> None:
    """Refuses folders with class folders inside of which only some are named like splits."""
    others = join(f"{name}/" for name in top.folders if not read_split(name))
    readings = [
        ((*levels, "class"), top.folders, ""),
        ((*levels, "split", "class"), merge(divided.values()), f", without {others}"),
    ]
    refuse_reading(top, readings)


def refuse_reading(top: Tree, readings: list[tuple[tuple[str, ...], dict[str, Tree], str]]) -> None:
    shown = [f"  {describe_folder(*item)}" for item in list(top.folders.items())[:MAX_SHOWN]]
    more = len(top.folders) - len(shown)
    shown += [f"  and {more:,} more"] if more > 0 else []
    told = []
    for levels, classes, remark in readings:
        counts = [f"{name} {folder.count():,}" for name, folder in classes.items()]
        told.append(f'  "{"/".join(levels)}": {len(classes):,} classes ({join(counts)}){remark}')
    raise InputError(
        "\n".join(
            [
                "the folders of data.source can be read in more than one way:",
                *shown,
                "set data.layout to the right one (numbers are files):",
                *told,
            ]
        )
    )


def describe_folder(name: str, folder: Tree) -> str:
    inside = [f"{child}/ {tree.count():,}" for child, tree in folder.folders.items()]
    folders = f", {len(inside):,} folder{'s' if len(inside) > 1 else ''} ({join(inside)})"
    return f"{name}/: {f'{folder.files:,}' if folder.files else 'no'} files{folders * bool(inside)}"


def join(names: Iterable[str]) -> str:
    """Lists names, the first few of many."""
    names = list(names)
    more = f", and {len(names) - MAX_SHOWN:,} more" if len(names) > MAX_SHOWN else ""
    return ", ".join(names[:MAX_SHOWN]) + more
