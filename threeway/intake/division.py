"""A division that the user's files come with: the names by which splits go, and what is kept."""

import re
from collections.abc import Sequence
from dataclasses import replace

from threeway.errors import InputError
from threeway.intake.entries import Entry, fold_name

WORDS = {
    "train": "train", "training": "train", "trn": "train", "trainval": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val", "development": "val",
    "test": "test", "testing": "test", "tst": "test", "eval": "test", "evaluation": "test",
    "holdout": "test",
    "unlabelled": "unlabelled", "unlabeled": "unlabelled", "pred": "unlabelled",
    "predict": "unlabelled", "prediction": "unlabelled", "inference": "unlabelled",
    "unsup": "unlabelled",
}  # fmt: skip
# What may stand beside such a word in a folder's name, or be written in one with it.
NOISE = (
    "set", "seg", "data", "dataset", "images", "image", "imgs", "img", "pictures", "photos",
    "split", "splits", "folder", "files",
)  # fmt: skip
# "seg_train", "testSet2", "TRAIN": words are told by separators, digits and capitals.
TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
UNLABELLED = "unlabelled: no class that train has"


def read_split(name: str) -> str | None:
    """Reads a folder's name, or a cell of a table: train, val, test, unlabelled, or None.

    "training_set", "seg_test", "Validation", "testData2" and "dev" are such names, "training
    shoes" is none. Train and val in one ("trainval") are train: val is then taken out of it.
    """
    tokens = [token.lower() for token in TOKEN.findall(name)]
    found = {read_token(token) for token in tokens if token not in NOISE}
    if found == {"train", "val"}:
        return "train"
    return found.pop() if len(found) == 1 else None


def read_token(token: str) -> str | None:
    """Reads one word, or one that has swallowed the next ("trainset")."""
    for word, split in WORDS.items():
        if token.startswith(word) and token[len(word) :] in ("", *NOISE):
            return split
    return None


def says_nothing(name: str) -> bool:
    """Tells names such as "images" or "data" that are no class's."""
    tokens = TOKEN.findall(name)
    return bool(tokens) and all(token.lower() in NOISE for token in tokens)


def reject_unlabelled(entries: Sequence[Entry], how: str) -> list[Entry]:
    """Rejects the files of each split that has no class folder of train's: Kaggle's test/.

    Args:
        entries: with or without splits.
        how: as settle_division takes it.

    Raises:
        InputError: it has several class folders, and so seems to be labelled, in other words, and
            is not to be dissolved.
    """
    classes: dict[str, set[str]] = {}
    for entry in entries:
        if entry.split and entry.class_name and not entry.rejection:
            classes.setdefault(entry.split, set()).add(fold_name(entry.class_name))
    train = classes.get("train", set())
    labelled = {split for split, names in classes.items() if names & train} | {"train"}
    for split, names in classes.items():
        if not train or split in labelled or len(names) == 1:
            continue
        if how != "dissolve":
            raise InputError(
                f"data.source: {split} has the classes {', '.join(sorted(names)[:5])}, none of "
                f"which train has ({', '.join(sorted(train)[:5])}); name the folders alike, or "
                "set data.division to dissolve, which takes them for further classes and divides "
                "all of it anew"
            )
        labelled.add(split)
    return [
        replace(entry, class_name=None, rejection=UNLABELLED)
        if train and entry.split and entry.split not in labelled and is_usual(entry)
        else entry
        for entry in entries
    ]


def is_usual(entry: Entry) -> bool:
    """Tells files without a fault of their own, in a class folder or not."""
    return entry.rejection is None or entry.rejection.startswith("not in a")


def settle_division(entries: Sequence[Entry], how: str) -> list[Entry]:
    """Keeps a division that was given, has it completed, or dissolves it.

    Args:
        entries: with or without splits.
        how: "keep" wants train and test, "complete" only train; "dissolve" forgets all of it.

    Raises:
        InputError: the division lacks what it needs; the message says which files it has.
    """
    if how == "dissolve":
        return [replace(entry, split=None) for entry in entries]
    usable = {entry.split for entry in entries if not entry.rejection}
    given = sorted(split for split in usable if split)
    if given and "train" not in given:
        raise InputError(
            f"data.source is divided into {' and '.join(given)}, and nothing is train; name a "
            "folder so, or set data.division to dissolve, which divides all of it anew"
        )
    if given and "test" not in given and how == "keep":
        unlabelled = sum(entry.rejection == UNLABELLED for entry in entries)
        besides = f" ({unlabelled:,} files are unlabelled)" if unlabelled else ""
        raise InputError(
            f"data.source is divided into {' and '.join(given)}, and has no test split with "
            f"labels{besides}; set data.division to complete, which takes test out of train, or "
            "to dissolve, which divides all of it anew"
        )
    return list(entries)
