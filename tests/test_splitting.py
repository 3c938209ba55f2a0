"""Splits are stratified, keep groups whole, and do not hang on the order of the files."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from threeway.errors import InputError
from threeway.splitting import assign_splits, find_conflicts, summarise

FRACTIONS = {"train": 0.7, "val": 0.15, "test": 0.15}


def table(classes: list[str], groups: list[str] | None = None, splits: list[str] | None = None):
    names = [f"{index:03d}" for index in range(len(classes))]
    return pd.DataFrame(
        {
            "path": names,
            "class": classes,
            "group": groups or names,
            "split": splits or [""] * len(classes),
        }
    )


def test_each_class_is_divided_by_the_fractions():
    images = table(["a"] * 100 + ["b"] * 40)
    counts = pd.crosstab(images["class"], assign_splits(images, FRACTIONS, seed=1))
    assert counts.loc["a"].to_dict() == {"test": 15, "train": 70, "val": 15}
    assert counts.loc["b"].to_dict() == {"test": 6, "train": 28, "val": 6}


@given(
    groups=st.lists(st.integers(0, 30), min_size=40, max_size=80),
    seed=st.integers(0, 1000),
    order=st.randoms(use_true_random=False),
)
def test_groups_stay_whole_and_order_changes_nothing(groups, seed, order):
    classes = ["a" if group % 2 else "b" for group in groups]
    # Enough single images that every split gets some of each class.
    images = table([*classes, *"ab" * 10], [*map(str, groups), *(f"x{i}" for i in range(20))])
    splits = assign_splits(images, FRACTIONS, seed)
    assert (splits.groupby(images["group"]).nunique() == 1).all()
    shuffled = list(images.index)
    order.shuffle(shuffled)
    again = assign_splits(images.loc[shuffled], FRACTIONS, seed)
    assert again.sort_index().equals(splits)


@given(
    sizes=st.dictionaries(
        st.sampled_from("abcd"), st.lists(st.integers(1, 6), min_size=1, max_size=30), min_size=2
    ),
    seed=st.integers(0, 1000),
)
def test_every_class_is_in_every_split_by_its_fractions_or_there_is_an_error(sizes, seed):
    groups = [(name, f"{name}{n}", size) for name in sizes for n, size in enumerate(sizes[name])]
    classes = [name for name, _, size in groups for _ in range(size)]
    images = table(classes, [group for _, group, size in groups for _ in range(size)])
    if any(len(parts) < 3 for parts in sizes.values()):
        with pytest.raises(InputError, match="every class needs one in each split"):
            assign_splits(images, FRACTIONS, seed)
        return
    counts = pd.crosstab(images["class"], assign_splits(images, FRACTIONS, seed))
    for name, parts in sizes.items():
        for split in ("val", "test"):
            wanted = max(round(FRACTIONS[split] * sum(parts)), 1)
            # Within one group of its share, and the smallest where none is small enough.
            assert wanted - max(parts) < counts.loc[name, split] <= max(wanted, *parts)


@given(sizes=st.lists(st.integers(1, 4), min_size=20, max_size=60), seed=st.integers(0, 1000))
def test_one_image_more_moves_few_others_whatever_the_groups(sizes, seed):
    groups = [f"{n}" for n, size in enumerate(sizes) for _ in range(size)]
    images = table(["a"] * len(groups) + ["b"] * 20, [*groups, *(f"b{n}" for n in range(20))])
    images = pd.concat(
        [images, pd.DataFrame([{"path": "new", "class": "a", "group": "new", "split": ""}])],
        ignore_index=True,
    )
    before = assign_splits(images.iloc[:-1], FRACTIONS, seed)
    after = assign_splits(images, FRACTIONS, seed)[:-1]
    assert (before != after).sum() <= 4 * max(sizes)


def test_one_image_more_moves_few_others():
    images = table(["a"] * 200 + ["b"] * 200)
    before = assign_splits(images.iloc[:-1], FRACTIONS, seed=5)
    after = assign_splits(images, FRACTIONS, seed=5)[:-1]
    assert (before != after).sum() <= 2


def test_another_seed_is_another_division():
    images = table(["a"] * 50 + ["b"] * 50)
    assert (assign_splits(images, FRACTIONS, 1) != assign_splits(images, FRACTIONS, 2)).any()


def test_a_given_division_is_kept_and_a_missing_val_comes_out_of_train():
    given_splits = ["train"] * 80 + ["test"] * 20
    images = table(["a", "b"] * 50, splits=given_splits)
    splits = assign_splits(images, FRACTIONS, seed=0)
    assert (splits[80:] == "test").all()
    # 0.15 of 0.85, of 40 images a class.
    assert (splits == "val").sum() == 2 * 7
    assert (splits[:80] != "test").all()


def test_a_division_into_all_three_is_kept_as_it_is():
    given_splits = ["train"] * 30 + ["val"] * 4 + ["test"] * 66
    images = table(["a", "b"] * 50, splits=given_splits)
    assert assign_splits(images, FRACTIONS, seed=0).tolist() == given_splits


def test_a_class_too_small_for_three_splits_is_an_input_error():
    with pytest.raises(InputError, match="class 'rare' has 2 usable images"):
        assign_splits(table(["a"] * 20 + ["rare"] * 2), FRACTIONS, seed=0)


def test_one_class_is_an_input_error():
    with pytest.raises(InputError, match="expected at least 2"):
        assign_splits(table(["a"] * 20), FRACTIONS, seed=0)


def test_copies_under_two_labels_are_left_out():
    images = table(["a", "b", "a", "b"], ["g", "g", "h", "i"])
    assert (
        find_conflicts(images).tolist() == ["copies under different classes: a, b"] * 2 + [""] * 2
    )


def test_copies_across_a_given_division_stay_in_the_scarcer_split():
    images = table(["a"] * 4, ["g", "g", "g", "h"], ["train", "val", "test", "train"])
    reasons = find_conflicts(images)
    assert [bool(reason) for reason in reasons] == [True, True, False, False]
    assert "copy of an image in test" in reasons[0]


def test_the_summary_counts_by_hand():
    images = table(["a"] * 4 + ["b"] * 4, [*"ppqr", *"stuv"])
    images["sha256"] = [*"ppqr", *"stuv"]
    # A near copy: another digest, the same group.
    images.loc[7, "group"] = "u"
    images["split"] = ["train", "train", "val", "test", "train", "val", "test", "test"]
    reasons = ["not an image (PNG)", "not an image (PNG)", "too large: 9 bytes"]
    found = summarise(images, pd.DataFrame({"path": [*"xyz"], "reason": reasons}))
    assert found == {
        "images": 8,
        "train": 3,
        "val": 2,
        "test": 3,
        "exact_copies": 1,
        "near_copies": 1,
        "rejected": 3,
        "rejected_by_reason": {"not an image": 2, "too large": 1},
        "smallest_class_in_test": {"class": "a", "images": 1},
        "classes": {
            "a": {"train": 2, "val": 1, "test": 1},
            "b": {"train": 1, "val": 1, "test": 2},
        },
    }


def test_every_conflict_is_found_whatever_stands_before_it():
    images = table([*"ab", *"aa", *"aab"], [*"gg", *"hh", *"iii"], ["train", "test"] * 3 + ["val"])
    reasons = find_conflicts(images).tolist()
    assert reasons[:2] == ["copies under different classes: a, b"] * 2
    assert reasons[2:4] == ["copy of an image in test (group h)", ""]
    assert reasons[4:] == ["copies under different classes: a, b"] * 3


def test_groups_are_ordered_by_their_names_alone():
    images = table([*"ab"] * 20)
    again = images.assign(path=images["path"].radd("elsewhere/"), width=7)
    found = assign_splits(images, FRACTIONS, seed=1)
    assert assign_splits(again, FRACTIONS, seed=1).equals(found)


@pytest.mark.parametrize(("poor", "others"), [("b", ""), ("bc", " (and 1 more classes)")])
def test_a_class_that_is_too_small_is_named_with_what_it_has(poor, others):
    classes = ["a"] * 9 + [name for name in poor for _ in range(2)]
    with pytest.raises(InputError) as error:
        assign_splits(table(classes), FRACTIONS, seed=1)
    told = f"class 'b' has 2 usable images: 0 in train, 1 in val, 1 in test{others}; every class"
    assert str(error.value).startswith(told)


def test_a_class_of_too_few_bursts_is_told_so():
    groups = [str(number) for number in range(9)] + ["burst"] * 5
    with pytest.raises(InputError) as error:
        assign_splits(table(["a"] * 9 + ["b"] * 5, groups), FRACTIONS, seed=1)
    assert str(error.value) == (
        "class 'b' has 5 usable images (1 without copies and bursts): 0 in train, 0 in val, "
        "5 in test; every class needs one in each split: add images, leave the class out, or "
        "change data.fractions or data.burst_correlation"
    )
