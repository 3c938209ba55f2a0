"""Every file is counted once, as used or as left out."""

import pandas as pd

from threeway.intake.accounting import summarise


def test_the_summary_counts_by_hand():
    images = pd.DataFrame(
        {
            "class": [*"aaaabbbb"],
            "split": ["train", "train", "val", "test", "train", "val", "test", "test"],
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
    assert summarise(images, rejected) == {
        "files": 12,
        "files_by_class": {"a": 5, "b": 6},
        "images": 8,
        "train": 3,
        "val": 2,
        "test": 3,
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
            "a": {"train": 2, "val": 1, "test": 1},
            "b": {"train": 1, "val": 1, "test": 2},
        },
    }
