"""Every file is counted once, as used or as left out."""

import pandas as pd

from threeway.intake.accounting import describe_division, summarise


def test_the_summary_counts_by_hand():
    images = pd.DataFrame(
        {
            "path": [*"12345678"],
            "given_split": "",
            "class": [*"aaaabbbb"],
            "sha256": [*"ppqrstuv"],
            # A near copy: another digest, the same group.
            "copies": [*"ppqrstuu"],
            # What was said to belong together is no copy.
            "group": [*"ppppstuu"],
        }
    )
    reasons = ["not an image (PNG)", "not an image (PNG)", "too large: 9 bytes", "system file"]
    reasons += ["row of data.table without a file", "unlabelled: no class that train has"]
    rejected = pd.DataFrame({"class": ["a", "b", "b", "", "a", ""], "reason": reasons})
    splits = ["train", "train", "val", "test", "train", "val", "test", "test"]
    division = pd.DataFrame({"path": images["path"], "fold": "1", "split": splits})
    assert summarise(images, division, rejected) == {
        "files": 12,
        "files_by_class": {"a": 5, "b": 6},
        "images": 8,
        "folds": 1,
        "comes_divided": False,
        "train": 3,
        "val": 2,
        "test": 3,
        "tested": 3,
        "tested_groups": 2,
        "exact_copies": 1,
        "near_copies": 1,
        "grouped": 2,
        "rejected": 6,
        "rejected_by_reason": {
            "not an image": 2,
            "too large": 1,
            "system file": 1,
            "row of data.table without a file": 1,
            "unlabelled": 1,
        },
        "lost": 4,
        "lost_by_reason": {"not an image": 2, "too large": 1, "unlabelled": 1},
        "rejected_by_class": {"a": 1, "b": 2},
        "smallest_class_in_test": {"class": "a", "images": 1},
        "classes": {
            "a": {"train": 2, "val": 1, "test": 1, "tested": 1},
            "b": {"train": 1, "val": 1, "test": 2, "tested": 2},
        },
    }


def make_folds() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Makes six images of two classes, and three folds of two."""
    images = pd.DataFrame({"path": [*"123456"], "class": [*"ababab"], "sha256": [*"pqrstu"]})
    images = images.assign(copies=images["sha256"], group=images["sha256"], given_split="")
    splits = ["test"] * 2 + ["val"] * 2 + ["train"] * 2
    tables = [
        pd.DataFrame({"path": images["path"], "fold": str(fold), "split": rolled})
        for fold, rolled in enumerate((splits[-n:] + splits[:-n] for n in (6, 2, 4)), 1)
    ]
    return images, pd.concat(tables)


def test_with_folds_every_image_is_tested_and_a_split_has_its_mean():
    found = summarise(*make_folds(), pd.DataFrame({"class": [], "reason": []}, dtype=str))
    assert [found[name] for name in ("folds", "train", "val", "test", "tested")] == [3, 2, 2, 2, 6]
    assert found["classes"]["a"] == {"train": 1, "val": 1, "test": 1, "tested": 3}
    assert found["smallest_class_in_test"] == {"class": "a", "images": 3}
    assert describe_division(found) == (
        "6 images in 2 classes: 3 folds, in each 2 train, 2 val, 2 test; 0 files left out; "
        "0 exact and 0 near copies, and 0 other images of a group, kept together"
    )


def test_a_source_that_comes_divided_is_told_what_that_costs():
    images, division = make_folds()
    rejected = pd.DataFrame({"class": [], "reason": []}, dtype=str)
    first = division[division["fold"] == "1"]
    told = describe_division(
        summarise(images.assign(given_split="test"), first, rejected)
    ).splitlines()
    assert told[1].startswith(
        "The source comes divided, and stays so: 2 images are tested in place"
    )
    assert told[1].endswith("data.division: dissolve divides it anew into folds")
    assert describe_division(summarise(images, first, rejected)) == (
        "6 images in 2 classes: 2 train, 2 val, 2 test; 0 files left out; "
        "0 exact and 0 near copies, and 0 other images of a group, kept together"
    )
