"""What contradicts itself or would leak is left out, and names the image that it collides with."""

import numpy as np
import pandas as pd

from threeway.intake.conflicts import (
    REJECTED_COLUMNS,
    choose_partners,
    find_conflicts,
    list_conflicts,
)

UNDER_TWO = "copies under different classes: a, b"


def table(classes, copies, splits=None, given=None, digests=None, group=None):
    return pd.DataFrame(
        {
            "path": [f"{index:05d}" for index in range(len(classes))],
            "class": [*classes],
            "split": splits or [""] * len(classes),
            "sha256": [*(digests or map(str, range(len(classes))))],
            "copies": [*copies],
            "given": given or [""] * len(classes),
            "group": [*(group or copies)],
        }
    )


def conflicts(images):
    found = find_conflicts(images)
    return {row.Index: (row.reason, row.partner) for row in found.itertuples()}


def test_copies_under_two_labels_are_left_out_and_name_each_other():
    assert conflicts(table("abab", "gghi")) == {0: (UNDER_TWO, 1), 1: (UNDER_TWO, 0)}


def test_the_partner_is_an_exact_copy_before_a_near_one():
    images = table("abbb", "gggg", digests="xyxz")
    assert conflicts(images) == {
        0: (UNDER_TWO, 2), 1: (UNDER_TWO, 0), 2: (UNDER_TWO, 0), 3: (UNDER_TWO, 0)
    }  # fmt: skip


def test_copies_across_a_given_division_stay_in_the_scarcer_split():
    images = table("aaaa", "gggh", ["train", "val", "test", "train"])
    reason = "copy of an image in test (group g)"
    assert conflicts(images) == {0: (reason, 2), 1: (reason, 2)}


def test_copies_in_train_and_val_stay_in_val_whatever_stands_in_test():
    images = table("aaa", "ggh", ["train", "val", "test"])
    assert conflicts(images) == {0: ("copy of an image in val (group g)", 1)}


def test_a_group_across_a_given_division_stays_in_the_scarcer_split():
    images = table(
        "abab", "ghij", ["train", "test", "train", "train"], ["p", "p", "p", "q"], group="uuuv"
    )
    reason = "of the group of an image in test (group u)"
    assert conflicts(images) == {0: (reason, 1), 2: (reason, 1)}


def test_a_copy_is_named_before_another_of_its_group():
    images = table("aaa", "ghg", ["train", "test", "test"], ["", "p", "p"], group="uuu")
    assert conflicts(images) == {0: ("copy of an image in test (group u)", 2)}


def test_a_group_may_hold_several_classes():
    assert conflicts(table("abab", "ghij", given=[*"ppqq"], group="uuvv")) == {}
    assert conflicts(table([], [])) == {}


def test_every_conflict_is_found_whatever_stands_before_it():
    images = table("abaaaab", "gghhiii", ["train", "test"] * 3 + ["val"])
    assert conflicts(images) == {
        0: (UNDER_TWO, 1), 1: (UNDER_TWO, 0), 2: ("copy of an image in test (group h)", 3),
        4: (UNDER_TWO, 6), 5: (UNDER_TWO, 6), 6: (UNDER_TWO, 4),
    }  # fmt: skip


def test_partners_equal_those_chosen_one_by_one():
    rng = np.random.default_rng(0)

    def choose(image: pd.Series, others: pd.DataFrame) -> int:
        near = ["sha256", "copies", "given"]
        others = others[others["class"] != image["class"]]
        return min(others.index, key=lambda row: (*(others.loc[row, near] != image[near]), row))

    for _ in range(20):
        letters = {name: [*rng.choice([*"abc"], 12)] for name in ("digests", "copies", "given")}
        images = table(rng.permutation([*"aaaaabbbbccc"]), **letters)
        images = images.sample(frac=1, random_state=0)
        chosen = choose_partners(images, images, "class")
        assert chosen == {index: choose(image, images) for index, image in images.iterrows()}


def test_thousands_of_placeholders_name_their_partners_at_once():
    num = 20_000
    digests = ["x", "y", "y", "x"] * (num // 4)
    found = conflicts(table("ab" * (num // 2), "g" * num, digests=digests))
    assert found == {index: (UNDER_TWO, [3, 2, 1, 0][index % 4]) for index in range(num)}
    splits = ["test", "test", "train", "train"] * (num // 4)
    found = conflicts(table("a" * num, "g" * num, splits, digests=digests))
    reason = "copy of an image in test (group g)"
    lost = [index for index in range(num) if index % 4 > 1]
    assert found == {index: (reason, [1, 0][index % 2]) for index in lost}


def test_a_conflict_stands_beside_its_partner():
    images = pd.DataFrame({"path": [*"xyz"], "class": [*"aba"], "split": ["train", "test", ""]})
    conflicts = pd.DataFrame({"reason": ["copy"], "partner": [1]}, index=[2])
    listed = list_conflicts(images, conflicts)
    assert list(listed.columns) == REJECTED_COLUMNS
    assert listed.to_numpy().tolist() == [["z", "a", "", "copy", "y", "b", "test"]]
    assert list(list_conflicts(images, conflicts[:0]).columns) == REJECTED_COLUMNS
