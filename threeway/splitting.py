"""Stratified division into train, val and test that keeps copies together.

Tables here are pandas frames with one row an image and the columns of data/pipeline/split.csv:
path, class, split, group, width, height, sha256.
"""

import hashlib
from collections.abc import Callable

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
    for _, members in images[splits == ""].groupby("class"):
        splits[members.index] = divide_class(members, shares, seed)
    check_coverage(images, splits)
    return splits


def divide_class(members: pd.DataFrame, shares: dict[str, float], seed: int) -> pd.Series:
    """Divides one class's images by shares, group by group: a split for each image."""
    groups = [part.index for _, part in sorted(members.groupby("group"), key=hash_with(seed))]
    splits = pd.Series("train", index=members.index)
    for split in ("test", "val"):
        share = shares[split] / sum(shares.values())
        if share:
            # A class too small for its share still gives one group to each split.
            taken = take_groups(groups, max(round(share * len(members)), 1))
            groups = [group for group in groups if not any(group is other for other in taken)]
            for group in taken:
                splits[group] = split
    return splits


def take_groups(groups: list[pd.Index], wanted: int) -> list[pd.Index]:
    """Takes groups, in order, that together hold at most `wanted` images, or the smallest one."""
    taken, count = [], 0
    for group in groups:
        if count + len(group) <= wanted:
            taken.append(group)
            count += len(group)
    return taken or sorted(groups, key=len)[:1]


def hash_with(seed: int) -> Callable[[tuple[str, pd.DataFrame]], bytes]:
    """Makes a sort key of (group, its images) that orders groups at random, but always alike."""
    return lambda item: hashlib.sha256(f"{seed}/{item[0]}".encode()).digest()


def check_coverage(images: pd.DataFrame, splits: pd.Series) -> None:
    """Makes sure that every class is in every split.

    Raises:
        InputError: it is not; names the class, what it has, and what it needs.
    """
    counts = pd.crosstab(images["class"], splits).reindex(columns=list(SPLITS), fill_value=0)
    poor = counts[(counts == 0).any(axis=1)]
    if len(poor):
        name, row = next(poor.iterrows())
        found = ", ".join(f"{count} in {split}" for split, count in row.items())
        others = f" (and {len(poor) - 1} more classes)" if len(poor) > 1 else ""
        num_groups = images.loc[images["class"] == name, "group"].nunique()
        grouped = num_groups < row.sum()
        raise InputError(
            f"class {name!r} has {int(row.sum())} usable images"
            f"{f' ({num_groups} without copies and bursts)' if grouped else ''}: {found}{others}; "
            "every class needs one in each split: add images, leave the class out, or change "
            f"data.fractions{' or data.burst_correlation' if grouped else ''}"
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
        "smallest_class_in_test": {
            "class": str(test_counts.idxmin()),
            "images": int(np.min(test_counts)),
        },
        "classes": {str(name): row.to_dict() for name, row in by_class.iterrows()},
    }
