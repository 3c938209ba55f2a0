"""Images that belong together: as their paths say, and with copies of each other."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from threeway.errors import InputError
from threeway.intake.entries import Entry


def name_groups(entries: Sequence[Entry], pattern: str) -> list[Entry]:
    """Gives each usable file the group that a pattern finds in its path, and checks all groups.

    Args:
        entries: with groups already, where folders or a table name them.
        pattern: a regular expression, whose first parenthesis, or all of it, is the group's name;
            or "none".

    Raises:
        InputError: no path fits the pattern, or all files are one group.
    """
    found = [entry if entry.rejection else find_group(entry, pattern) for entry in entries]
    used = [entry for entry in found if not entry.rejection]
    groups = {entry.group for entry in used}
    if pattern != "none" and groups == {None}:
        raise InputError(
            f"data.group: {pattern!r} is found in no path, e.g. {used[0].path!r}; paths are those "
            "below data.source, with '/'"
        )
    if len(groups) == 1 and len(used) > 1 and groups != {None}:
        raise InputError(
            f"all {len(used):,} files are one group, {used[0].group!r}, e.g. {used[0].path!r}; a "
            "group goes into one split, so expected several of each class: see data.group"
        )
    return found


def find_group(entry: Entry, pattern: str) -> Entry:
    match = None if pattern == "none" else re.search(pattern, entry.path)
    if match is None:
        return entry
    return replace(entry, group=match[min(match.re.groups, 1)] or None)


def unite_groups(digests: Sequence[str], *groupings: Sequence[str]) -> list[str]:
    """Unites groups of several kinds: those that share an image are one.

    Like a group of copies, a united group has the smallest digest in it for a name, which depends
    neither on the order of the images nor on which others there are.

    Args:
        digests: hex digest of each image's pixels.
        *groupings: of each kind, the name of the group that each image is in, or "".
    """
    members = [
        (row, f"{kind} {name}")
        for kind, names in enumerate(groupings)
        for row, name in enumerate(names)
        if name
    ]
    _, numbers = np.unique([name for _, name in members], return_inverse=True)
    # Images and groups are nodes, and an edge says that the one is in the other.
    rows, columns = [row for row, _ in members], len(digests) + numbers
    size = len(digests) + int(numbers.max(initial=-1)) + 1
    edges = (np.ones(len(rows), bool), (rows, columns))
    _, component = connected_components(coo_array(edges, (size, size)), directed=False)
    smallest: dict[int, str] = {}
    for index, digest in zip(component, digests, strict=False):
        smallest[index] = min(digest, smallest.get(index, digest))
    return [smallest[index][:12] for index in component[: len(digests)]]
