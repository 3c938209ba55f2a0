"""Stratified division into train, val and test that keeps copies together.

Tables here are pandas frames with one row an image and the columns of data/split.csv: path,
class, split, group, width, height, sha256.
"""

import hashlib

import numpy as np
import pandas as pd

from threeway.errors import InputError

SPLITS = ("train", "val", "test")
# Where copies straddle a given division, the scarcer split keeps them.
PRECEDENCE = ("test", "val", "train")


def find_conflicts(images: pd.DataFrame) -> pd.Series:
    """Gives the reason why an image must be left out, or "": string, one an image.

    A group under two labels teaches and tests nothing. In a source that is already divided, a
    copy of an image in a scarcer split would leak from the one to the other.
    """
    reasons = pd.Series("", index=images.index)
    for group, members in images.groupby("group"):
        labels = sorted(members["class"].unique())
        if len(labels) > 1:
            reasons[members.index] = f"copies under different classes: {', '.join(labels)}"
            continue
        given = [split for split in PRECEDENCE if split in set(members["split"])]
        if len(given) > 1:
            leaks = members.index[members["split"] != given[0]]
            reasons[leaks] = f"copy of an image in {given[0]} (group {group})"
    return reasons


def assign_splits(images: pd.DataFrame, fractions: dict[str, float], seed: int) -> pd.Series:
    """Assigns a split to every image, class by class: "train", "val" or "test".

    An image that has a split keeps it. Groups are ordered by a hash of seed and name, and fill
    test, then val, then train: the order of the files does not matter, and one image more
    moves few others.

    Args:
        images: one row an image, with path, class, group, and split ("" where none is given).
        fractions: share of each class in each split; where only val is missing from a given
            division, val takes its share of train and val together.
        seed: orders the groups.

    Raises:
        InputError: a class is alone, or has too few groups for three splits.
    """
    if images["class"].nunique() < 2:
        raise InputError(
            f"data.source holds {images['class'].nunique()} class with usable images, "
            "expected at least 2"
        )
    splits = images["split"].copy()
    divided = bool((splits == "test").any())
    if divided and not (splits == "val").any():
        splits[splits == "train"] = ""
    shares = fractions | ({"test": 0.0} if divided else {})
    for class_name, members in images[splits == ""].groupby("class"):
        splits[members.index] = divide_class(members, shares, seed)
    check_coverage(images["class"], splits)
    return splits


def divide_class(members: pd.DataFrame, shares: dict[str, float], seed: int) -> pd.Series:
    """Divides one class's images by shares, group by group: a split for each image."""
    groups = sorted(members.groupby("group"), key=lambda item: hash_group(seed, item[0]))
    total = sum(shares.values())
    splits = pd.Series("train", index=members.index)
    remaining = list(groups)
    for split in ("test", "val"):
        target = shares[split] / total * len(members)
        # A class too small for its share still gets one image in each split, if it has three.
        wanted = max(round(target), 1) if shares[split] else 0
        taken = 0
        while remaining and taken < wanted:
            index = remaining.pop(0)[1].index
            splits[index] = split
            taken += len(index)
    return splits


def hash_group(seed: int, group: str) -> bytes:
    return hashlib.sha256(f"{seed}/{group}".encode()).digest()


def check_coverage(classes: pd.Series, splits: pd.Series) -> None:
    """Makes sure that every class is in every split.

    Raises:
        InputError: it is not; names the class, what it has, and what it needs.
    """
    counts = pd.crosstab(classes, splits).reindex(columns=list(SPLITS), fill_value=0)
    poor = counts[(counts == 0).any(axis=1)]
    if len(poor):
        name, row = next(poor.iterrows())
        found = ", ".join(f"{count} in {split}" for split, count in row.items())
        others = f" (and {len(poor) - 1} more classes)" if len(poor) > 1 else ""
        raise InputError(
            f"class {name!r} has {int(row.sum())} usable images: {found}{others}; every class "
            "needs one in each split: add images, leave the class out, or change data.fractions"
        )


def summarise(images: pd.DataFrame, rejected: pd.DataFrame) -> dict:
    """Counts what metrics/data.json reports: images, copies, rejections, classes by split."""
    kinds = rejected["reason"].str.replace(r"[:(].*", "", regex=True).str.strip()
    by_class = pd.crosstab(images["class"], images["split"]).reindex(columns=list(SPLITS))
    test_counts = by_class["test"]
    return {
        "images": len(images),
        "train": int((images["split"] == "train").sum()),
        "val": int((images["split"] == "val").sum()),
        "test": int((images["split"] == "test").sum()),
        "exact_copies": len(images) - images["sha256"].nunique(),
        "near_copies": images["sha256"].nunique() - images["group"].nunique(),
        "rejected": len(rejected),
        "rejected_by_reason": {kind: int(count) for kind, count in kinds.value_counts().items()},
        "smallest_class_in_test": {"class": str(test_counts.idxmin()), "images": int(np.min(test_counts))},
        "classes": {str(name): row.to_dict() for name, row in by_class.iterrows()},
    }
