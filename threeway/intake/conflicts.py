"""Images that must be left out since another one says otherwise, or would leak."""

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
        for index, image in members.iterrows():
            others = members[members["class"] != image["class"]]
            reason = f"copies under different classes: {labels}"
            found.append((index, reason, choose_partner(image, others)))
    return found


def find_leaks(images: pd.DataFrame) -> list[tuple[int, str, int]]:
    """Finds images of groups that straddle a given division: (index, reason, index kept)."""
    found = []
    given = images[images["split"] != ""]
    straddle = given.groupby("group")["split"].transform("nunique") > 1
    for group, members in given[straddle].groupby("group"):
        kept = next(split for split in PRECEDENCE if (members["split"] == split).any())
        keepers = members[members["split"] == kept]
        for index, image in members[members["split"] != kept].iterrows():
            is_copy = (keepers["copies"] == image["copies"]).any()
            relation = "copy" if is_copy else "of the group"
            reason = f"{relation} of an image in {kept} (group {group})"
            found.append((index, reason, choose_partner(image, keepers)))
    return found


def choose_partner(image: pd.Series, others: pd.DataFrame) -> int:
    """Chooses the nearest relation: an exact copy, a near one, one of its group, any; by path."""
    nearness = pd.DataFrame({"path": others["path"]})
    for column in ("sha256", "copies", "given"):
        nearness[column] = others[column] != image[column]
    return nearness.sort_values(["sha256", "copies", "given", "path"]).index[0]


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
