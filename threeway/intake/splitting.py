"""Stratified division into train, val and test that keeps groups of images together.

Tables here are pandas frames with one row an image, with at least class, split and group.
"""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence

import pandas as pd

from threeway.artefacts import REJECTED
from threeway.errors import InputError
from threeway.intake.parts import Group, can_divide, count_alone, leave, sort_by_size, sum_counts
from threeway.splits import SPLITS


def assign_folds(
    images: pd.DataFrame,
    fractions: dict[str, float],
    folds: int,
    repeats: int,
    seed: int,
    complete: bool = False,
) -> list[pd.Series]:
    """Assigns a split to every image in each fold: of all repeats, one after another.

    A division that the source comes with is the one fold. Otherwise every image is in test in one
    fold of each repeat, and in val in at most one: the images that choose a network's epoch are
    some of those that the next fold tests, and at most all of them.

    Args:
        images: as for assign_splits.
        fractions: likewise.
        folds: of one division; 1 for a division by fractions.
        repeats: how often the images are divided anew.
        seed: orders the groups.
        complete: as for assign_splits.

    Raises:
        InputError: a class is alone, or the groups are too few to have each in every split of as
            many folds.
    """
    if folds == 1 or (images["split"] != "").any():
        return [assign_splits(images, fractions, seed, complete)]
    check_classes(images)
    found = []
    for repeat in range(repeats):
        parts = cut_folds(images, folds, f"{seed}/{repeat}")
        chosen = [choose_val(part, fractions, folds) for part in parts]
        for number, part in enumerate(parts):
            splits = dict.fromkeys((name for name, _ in part), "test")
            splits |= dict.fromkeys((name for name, _ in chosen[(number + 1) % folds]), "val")
            assigned = images["group"].map(lambda name, known=splits: known.get(name, "train"))
            check_coverage(images, assigned, "lower data.folds")
            found.append(assigned)
    return found


def choose_val(part: Sequence[Group], fractions: dict[str, float], folds: int) -> list[Group]:
    """Chooses the groups for val of a fold out of those that the next fold tests."""
    # Of what is not tested, which is so many times what the next fold tests.
    share = min(share_val(fractions) * (folds - 1), 1.0)
    # Of two folds, the one that is not tested is all that there is to train on.
    return take_share(part, share, others=1 if folds == 2 else 0)


def share_val(fractions: dict[str, float]) -> float:
    """Gives val's share of train and val together."""
    return fractions["val"] / (fractions["train"] + fractions["val"])


def describe_val(fractions: dict[str, float], folds: int) -> str:
    """Says that val is smaller than asked for where many folds leave it less; else nothing.

    Args:
        fractions: as for assign_splits.
        folds: of one division, 2 or more.
    """
    share = share_val(fractions)
    asked, given = round(100 * share), round(100 * min(share, 1 / (folds - 1)))
    if given == asked:
        return ""
    return (
        f"With {folds} folds val has {given} % of what is not tested, not the {asked} % that "
        "data.fractions asks for: it is what the next fold tests, so that no image is in val twice"
    )


def hold_out_val(images: pd.DataFrame, fractions: dict[str, float], seed: int) -> pd.Series:
    """Divides all images into train and val, for a network that is not to be tested.

    What the source gives as val stays so; what it gives as test trains.

    Args:
        images: as for assign_splits.
        fractions: likewise; val has its share of train and val together.
        seed: orders the groups.
    """
    given = images["split"].where(images["split"] == "val", "train")
    if (given == "val").any():
        return given
    groups = count_groups(images, f"{seed}/all")
    chosen = {name for name, _ in take_share(groups, share_val(fractions), others=1)}
    return images["group"].map(lambda name: "val" if name in chosen else "train")


def rank_groups(images: pd.DataFrame, splits: pd.Series, seed: int) -> pd.Series:
    """Ranks the training images of a fold, so that those up to a rank are a share of each class, in
    whole groups, whatever the share: numbers in [0, 1], NaN for all other images.

    A group counts for the class that it has most images of, and lies in its middle. The first group
    that has images of a class has rank 0: no share is without that class.

    Args:
        images: class and group, one row an image.
        splits: of each image in this fold.
        seed: orders the groups.
    """
    train = images[splits == "train"]
    totals, held, ranks = Counter(train["class"]), Counter(), {}
    for name, counts in count_groups(train, f"rank/{seed}"):
        main = max(sorted(counts), key=counts.get)
        first = any(not held[class_name] for class_name in counts)
        ranks[name] = 0.0 if first else (held[main] + counts[main] / 2) / totals[main]
        held.update(counts)
    return train["group"].map(ranks).reindex(images.index)


def cut_folds(images: pd.DataFrame, folds: int, key: str) -> list[list[Group]]:
    """Cuts the groups of images into folds, each with every class, of about as many images of it.

    Where the groups are too few for that, some fold lacks a class.
    """
    rest, parts = count_groups(images, key), []
    # What one of two folds tests is divided into val and train of the other.
    own = 2 if folds == 2 else 1
    for left in range(folds, 1, -1):
        part = take_share(rest, 1 / left, own=own, others=own * (left - 1))
        rest = leave(rest, part)
        parts.append(part)
    return [*parts, rest]


def take_share(groups: Sequence[Group], share: float, *, own: int = 1, others: int) -> list[Group]:
    """Takes groups, in order, that together hold a share of every class of these groups.

    Args:
        groups: the name of each, and its images by class.
        share: above 0.
        own: as for take_groups.
        others: likewise.
    """
    totals, mixed = sum_counts(groups), sum_counts(take_several(groups))
    return take_groups(groups, share, totals, mixed, own=own, others=others)


def assign_splits(
    images: pd.DataFrame, fractions: dict[str, float], seed: int, complete: bool = False
) -> pd.Series:
    """Assigns a split to every image, stratified by class: "train", "val" or "test".

    An image that has a split keeps it, unless it is in train and another split is missing. Groups
    are ordered by a hash of seed and name, and fill test, then val, then train: the order of the
    files does not matter, and one image more moves few others.

    Args:
        images: one row an image, with path, class, group, and split ("" where none is given).
        fractions: share of each class in each split; where only val is missing from a given
            division, val takes its share of train and val together.
        seed: orders the groups.
        complete: whether a missing test split is taken out of train, as val is.

    Raises:
        InputError: a class is alone, or the groups are too few to have each in three splits.
    """
    check_classes(images)
    splits = images["split"].copy()
    given = set(splits) - {""}
    missing = {"val", "test"} - given if complete or not given else {"val"} - given
    if given and missing:
        splits[splits == "train"] = ""
    undivided = images[splits == ""]
    shares = {name: fractions[name] if name in missing | {"train"} else 0.0 for name in fractions}
    splits[undivided.index] = divide(undivided, shares, seed)
    way_out = "set data.division to dissolve" if given else "change data.fractions"
    check_coverage(images, splits, way_out)
    return splits


def divide(images: pd.DataFrame, shares: dict[str, float], seed: int) -> pd.Series:
    """Divides images by shares, group by group: a split for each image."""
    groups = count_groups(images, str(seed))
    totals = sum_counts(groups), sum_counts(take_several(groups))
    assigned: dict[str, str] = {}
    for split in ("test", "val"):
        share = shares[split] / sum(shares.values())
        if share:
            rest = [group for group in groups if group[0] not in assigned]
            others = 2 if split == "test" and shares["val"] else 1
            taken = take_groups(rest, share, *totals, others=others)
            assigned |= {name: split for name, _ in taken}
    return images["group"].map(lambda name: assigned.get(name, "train"))


def count_groups(images: pd.DataFrame, key: str) -> list[Group]:
    """Counts each group's images by class; at random by a key, but always in the same order."""
    counts: dict[str, dict[str, int]] = {}
    for (name, class_name), count in images.groupby(["group", "class"]).size().items():
        counts.setdefault(name, {})[class_name] = int(count)

    def digest(group: Group) -> bytes:
        return hashlib.sha256(f"{key}/{group[0]}".encode()).digest()

    return sorted(counts.items(), key=digest)


def take_several(groups: Sequence[Group]) -> list[Group]:
    """Takes the groups that hold several classes."""
    return [group for group in groups if len(group[1]) > 1]


def take_groups(
    groups: Sequence[Group],
    share: float,
    totals: Counter[str],
    mixed: Counter[str],
    *,
    own: int = 1,
    others: int,
) -> list[Group]:
    """Takes groups, in order, that together hold a share of every class.

    A group is passed over where, with it and those before it taken, what is taken and what is left
    could no longer be divided so that every class is in each part.

    Args:
        groups: the name of each, and its images by class.
        share: of each class, above 0.
        totals: all images to be divided by class, those included that another split has got.
        mixed: of these, the ones in groups of several classes.
        own: into so many parts what is taken is divided.
        others: into so many what is left.
    """
    wanted, of_mixed = ({name: share * total[name] for name in total} for total in (totals, mixed))
    refused: set[str] = set()
    taken = choose_groups(groups, wanted, of_mixed, own, others, refused)
    while 0 <= (allowed := count_allowed(taken, groups, own, others)) < len(taken):
        # Where a group is too many, every later one of the same classes is.
        kept, excess = {name for name, _ in taken[:allowed]}, taken[allowed][1].keys()
        refused |= {name for name, counts in groups if counts.keys() == excess} - kept
        taken = choose_groups(groups, wanted, of_mixed, own, others, refused)
    return complete(taken, groups, own, others) if allowed >= 0 else taken


def choose_groups(
    groups: Sequence[Group],
    wanted: dict[str, float],
    mixed: dict[str, float],
    own: int,
    others: int,
    refused: Collection[str],
) -> list[Group]:
    """Chooses groups, in order, that together hold about what is wanted of every class.

    Those of several classes come first, and those of one class then make up for what these leave
    to be wished. A class that is too small for its share still gives as many groups as it must.

    Args:
        groups: as for take_groups.
        wanted: images by class.
        mixed: images by class, of those in groups of several classes.
        own: as for take_groups.
        others: likewise.
        refused: names of groups that are passed over.
    """
    at_hand = [group for group in groups if group[0] not in refused]
    taken = take_mixed(take_several(at_hand), mixed)
    held = sum_counts(taken)
    pure: dict[str, list[Group]] = {name: [] for name in wanted}
    for group in groups:
        if len(group[1]) == 1:
            pure[next(iter(group[1]))].append(group)
    for name, count in wanted.items():
        some = [group for group in pure[name] if group[0] not in refused]
        found = take_pure(some, max(round(count), 1) - held[name])
        # Of what is in no group with others, a group is left for each of the other parts.
        most = len(found) if name in mixed else max(len(pure[name]) - others, 0)
        taken += found[:most]
    return add_lacking(taken, at_hand, own)


def add_lacking(taken: list[Group], groups: Sequence[Group], num: int) -> list[Group]:
    """Adds the smallest groups of each class that fewer than `num` of those taken hold."""
    holders = Counter(name for _, counts in taken for name in counts)
    for name in sorted(sum_counts(groups)):
        if holders[name] < num:
            rest = [group for group in leave(groups, taken) if name in group[1]]
            found = sort_by_size(rest)[: num - holders[name]]
            holders.update(other for _, counts in found for other in counts)
            taken = taken + found
    return taken


def complete(taken: list[Group], groups: Sequence[Group], own: int, others: int) -> list[Group]:
    """Adds small groups until those taken can be divided into parts with every class in each.

    Args:
        taken: of the groups; with some others they can be.
        groups: as for take_groups.
        own: likewise.
        others: likewise.
    """
    alone, divided = count_alone(taken), can_divide(taken, [], own, 0)
    for group in sort_by_size(leave(groups, taken)):
        if divided:
            break
        # Of a class that has a group for each part already one more is no help.
        helps = any(alone[name] < own for name in group[1])
        if helps and can_divide([*taken, group], leave(groups, [*taken, group]), own, others):
            taken = [*taken, group]
            alone.update(count_alone([group]))
            divided = can_divide(taken, [], own, 0)
    return taken


def count_allowed(taken: Sequence[Group], groups: Sequence[Group], own: int, others: int) -> int:
    """Counts how many groups, of those taken in this order, leave every part with every class.

    Args:
        taken: of the groups.
        groups: as for take_groups.
        own: likewise.
        others: likewise.

    Returns:
        The number; -1 where some part lacks a class whatever is taken.
    """

    def fails(num: int) -> bool:
        return not can_divide(taken[:num], leave(groups, taken[:num]), own, others)

    if not fails(len(taken)):
        return len(taken)
    return -1 if fails(0) else bisect_left(range(len(taken) + 1), True, key=fails) - 1


def take_pure(groups: Sequence[Group], wanted: int) -> list[Group]:
    """Takes groups of one class, in order, that together hold at most `wanted` images."""
    taken, count = [], 0
    for group in groups:
        [size] = group[1].values()
        if count + size <= wanted:
            taken.append(group)
            count += size
    return taken


def take_mixed(groups: Sequence[Group], wanted: dict[str, float]) -> list[Group]:
    """Takes groups of several classes, in order, each if its classes come nearer what is wanted.

    Nearer by the sum, over its classes, of the distance from what is wanted, in parts of that.

    Args:
        groups: the name of each, and its images by class.
        wanted: images by class, of those in such groups: a class that has few of them fills its
            share with others.
    """
    taken, held = [], Counter()
    for group in groups:
        gain = sum(
            (abs(held[name] - wanted[name]) - abs(held[name] + count - wanted[name])) / wanted[name]
            for name, count in group[1].items()
        )
        if gain > 0:
            taken.append(group)
            held.update(group[1])
    return taken


def check_classes(images: pd.DataFrame) -> None:
    """Makes sure that there are classes to tell apart.

    Raises:
        InputError: there is one at most.
    """
    held = images["class"].unique()
    if len(held) < 2:
        named = f"1 class with usable images, {held[0]!r}" if len(held) else "no usable image"
        raise InputError(
            f"data.source holds {named}, expected at least 2 classes; {REJECTED} says why other "
            "files are not used"
        )


def check_coverage(images: pd.DataFrame, splits: pd.Series, way_out: str) -> None:
    """Makes sure that every class is in every split.

    Args:
        images: class and group.
        splits: of each image.
        way_out: what to do, in words.

    Raises:
        InputError: it is not; names the class, what it has, and what it needs.
    """
    counts = pd.crosstab(images["class"], splits).reindex(columns=list(SPLITS), fill_value=0)
    poor = counts[(counts == 0).any(axis=1)]
    if len(poor):
        name, row = next(poor.iterrows())
        found = ", ".join(f"{count} in {split}" for split, count in row.items())
        others = f" (and {len(poor) - 1} more classes)" if len(poor) > 1 else ""
        groups = images.loc[images["class"] == name, "group"].nunique()
        together = groups < row.sum()
        grouped = f" in {groups} groups, each of which stays together" if together else ""
        ways = ["add images", "leave the class out", way_out]
        ways += ["change data.group or data.burst_correlation"] if together else []
        raise InputError(
            f"class {name!r} has {int(row.sum())} usable images{grouped}: {found}{others}; every "
            f"class needs one in each split: {', '.join(ways[:-1])}, or {ways[-1]}"
        )
