"""Images that must be left out since another one says otherwise, or would leak."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, product

import pandas as pd

# Of the table of what is left out.
REJECTED_COLUMNS = ["path", "class", "split", "reason", "partner", "partner_class", "partner_split"]
# Where copies or groups straddle a given division, the scarcer split keeps them.
PRECEDENCE = ("test", "val", "train")


def find_conflicts(images: pd.DataFrame) -> pd.DataFrame:
    """Finds the images that must be left out: one row each, with the columns reason and partner.

    Copies under two labels teach and test nothing. In a source that is already divided, a copy of
    an image in a scarcer split, or one of its group, would leak from the one to the other.

    Args:
        images: one row an image: path, class, sha256, split ("" where none is given), copies (the
            name of its group of copies), given (that of the group it is said to be in, or "") and
            group (that of both united).

    Returns:
        With the index of images; partner is the index of the image that each of them is a copy of
        or belongs to, an exact copy before a near one.
    """
    found = find_disagreements(images)
    found += find_leaks(images.drop(index=[index for index, _, _ in found]))
    return pd.DataFrame(found, columns=["index", "reason", "partner"]).set_index("index")


def find_disagreements(images: pd.DataFrame) -> list[tuple[int, str, int]]:
    """Finds copies under different classes: (index, reason, index of one of another class)."""
    found = []
    disagree = images.groupby("copies")["class"].transform("nunique") > 1
    for _, members in images[disagree].groupby("copies"):
        labels = ", ".join(sorted(members["class"].unique()))
        reason = f"copies under different classes: {labels}"
        partners = choose_partners(members, members, "class")
        found += [(index, reason, partner) for index, partner in partners.items()]
    return found


def find_leaks(images: pd.DataFrame) -> list[tuple[int, str, int]]:
    """Finds images of groups that straddle a given division: (index, reason, index kept)."""
    found = []
    given = images[images["split"] != ""]
    straddle = given.groupby("group")["split"].transform("nunique") > 1
    for group, members in given[straddle].groupby("group"):
        kept = next(split for split in PRECEDENCE if (members["split"] == split).any())
        is_kept = members["split"] == kept
        keepers, others = members[is_kept], members[~is_kept]
        partners = choose_partners(others, keepers, "split")
        are_copies = others["copies"].isin(keepers["copies"])
        for index, partner in partners.items():
            relation = "copy" if are_copies[index] else "of the group"
            found.append((index, f"{relation} of an image in {kept} (group {group})", partner))
    return found


def choose_partners(images: pd.DataFrame, others: pd.DataFrame, apart: str) -> dict[int, int]:
    """Chooses the nearest relation of each image: an exact copy, a near one, one of its group, any;
    by path.

    Thousands of placeholders may be copies, so that no image is held against every other.

    Args:
        images: path, sha256, copies, given, and the column that apart names.
        others: likewise, with a partner for each image among them.
        apart: class or split, which is another one of a partner.

    Returns:
        By the index of each image, that of its partner.
    """
    # Of each relation the first by path and the first that is apart from it: one of them serves.
    firsts: defaultdict[tuple, dict[str, int]] = defaultdict(dict)
    others = others.sort_values("path", kind="stable")
    for index, side, relations in list_relations(others, apart):
        for relation in relations:
            if len(firsts[relation]) < 2:
                firsts[relation].setdefault(side, index)
    partners = {}
    for index, side, relations in list_relations(images, apart):
        nearest = (firsts[relation].items() for relation in relations)
        partners[index] = next(one for other, one in chain(*nearest) if other != side)
    return partners


def list_relations(images: pd.DataFrame, apart: str) -> Iterator[tuple[int, str, Iterator[tuple]]]:
    """Lists index, class or split, and relations of each image: what it shares with another one,
    the nearest first, where None is not shared.
    """
    columns = images[[apart, "sha256", "copies", "given"]]
    for index, side, *values in columns.itertuples(name=None):
        yield index, side, product(*((value, None) for value in values))


def list_conflicts(images: pd.DataFrame, conflicts: pd.DataFrame) -> pd.DataFrame:
    """Lists the images that are in conflict, each beside its partner: REJECTED_COLUMNS.

    Args:
        images: all of them: path, class, split.
        conflicts: reason and partner, as find_conflicts gives them.
    """
    about = ["path", "class", "split"]
    partners = images.loc[conflicts["partner"], about].set_axis(conflicts.index)
    partners.columns = ["partner", "partner_class", "partner_split"]
    reasons = conflicts["reason"]
    return pd.concat([images.loc[conflicts.index, about], reasons, partners], axis=1)[
        REJECTED_COLUMNS
    ]
