"""Images that belong together, as their paths say."""

import re
from collections.abc import Sequence
from dataclasses import replace

from threeway.errors import InputError
from threeway.intake.entries import Entry


def name_groups(entries: Sequence[Entry], pattern: str) -> list[Entry]:
    """Gives each usable file the group that a pattern finds in its path, and checks all groups.

    Args:
        entries: with groups already, where folders or a table name them.
        pattern: a regular expression, whose first parenthesis, or all of it, is the group's name;
            or "none".

    Raises:
        InputError: no path fits the pattern, one fits without the first parenthesis, or all files
            are one group.
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
    name = match[min(match.re.groups, 1)]
    if name is None:
        raise InputError(
            f"data.group: {pattern!r} fits {entry.path!r}, but its first parentheses have no part "
            "in that, so that the file would be in no group; write (?:...) around alternatives, as "
            r"in '(?:patient|subject)(\d+)'"
        )
    return replace(entry, group=name or None)
