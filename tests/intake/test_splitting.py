"""Splits are stratified, keep groups whole, and do not hang on the order of the files."""

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from threeway.errors import InputError
from threeway.intake.splitting import (
    assign_folds,
    assign_splits,
    describe_val,
    hold_out_val,
    rank_groups,
)

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


def mix(groups: list[int], singles: int) -> pd.DataFrame:
    """Makes images in groups of one of two classes, and single ones, enough for every split."""
    classes = ["a" if group % 2 else "b" for group in groups]
    names = [*map(str, groups), *(f"x{number}" for number in range(2 * singles))]
    return table([*classes, *"ab" * singles], names)


def make_groups(groups: list[dict[str, int]]) -> pd.DataFrame:
    """Makes images of groups: how many each holds of each class."""
    rows = [(c, f"g{n}") for n, group in enumerate(groups) for c in group for _ in range(group[c])]
    return table([c for c, _ in rows], [group for _, group in rows])


def shuffle(images: pd.DataFrame, order: random.Random) -> pd.DataFrame:
    shuffled = list(images.index)
    order.shuffle(shuffled)
    return images.loc[shuffled]


@given(
    groups=st.lists(st.integers(0, 30), min_size=40, max_size=80),
    seed=st.integers(0, 1000),
    order=st.randoms(use_true_random=False),
)
def test_groups_stay_whole_and_order_changes_nothing(groups, seed, order):
    images = mix(groups, singles=10)
    splits = assign_splits(images, FRACTIONS, seed)
    assert (splits.groupby(images["group"]).nunique() == 1).all()
    again = assign_splits(shuffle(images, order), FRACTIONS, seed)
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
    with pytest.raises(InputError, match=r"1 class with usable images, 'a', expected at least 2 "):
        assign_splits(table(["a"] * 20), FRACTIONS, seed=0)
    with pytest.raises(InputError, match=r"holds no usable image, expected at least 2 classes; "):
        assign_splits(table(["a"])[:0], FRACTIONS, seed=0)


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


def test_a_missing_test_split_comes_out_of_train_where_that_is_asked_for():
    images = table(["a", "b"] * 50, splits=["train"] * 80 + ["val"] * 20)
    splits = assign_splits(images, FRACTIONS, seed=0, complete=True)
    assert (splits[80:] == "val").all()
    # 0.15 of 0.85, of 40 images a class.
    assert splits[:80].value_counts().to_dict() == {"train": 66, "test": 14}
    with pytest.raises(InputError, match="0 in test"):
        assign_splits(images, FRACTIONS, seed=0)
    # All is train: val comes out of it as well.
    counts = assign_splits(images.assign(split="train"), FRACTIONS, 0, complete=True).value_counts()
    assert counts.to_dict() == {"train": 68, "val": 16, "test": 16}


def test_groups_of_one_class_are_divided_as_ever():
    # What was committed before groups could hold several classes.
    images = table([*"aaabbb"] * 5, [f"{name}{n % 7}" for n, name in enumerate("aaabbb" * 5)])
    found = assign_splits(images, FRACTIONS, seed=7)
    by_group = dict(zip(images["group"], found, strict=True))
    assert {group for group, split in by_group.items() if split == "test"} == {"a4", "b5", "b6"}
    assert {group for group, split in by_group.items() if split == "val"} == {"a1", "b0"}


@given(
    groups=st.lists(
        st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1),
        min_size=40, max_size=80,
    ),
    seed=st.integers(0, 1000),
    order=st.randoms(use_true_random=False),
)  # fmt: skip
def test_groups_of_several_classes_stay_whole_and_every_class_gets_its_share(groups, seed, order):
    groups = [*groups, *({name: 1} for name in "abc" * 20)]
    images = make_groups(groups)
    splits = assign_splits(images, FRACTIONS, seed)
    assert (splits.groupby(images["group"]).nunique() == 1).all()
    totals = images["class"].value_counts()
    counts = pd.crosstab(images["class"], splits)
    for split in ("val", "test"):
        # Within two of the largest groups of a class.
        assert ((counts[split] - FRACTIONS[split] * totals).abs() <= 6).all()
    assert assign_splits(shuffle(images, order), FRACTIONS, seed).sort_index().equals(splits)


def test_classes_that_share_every_group_are_divided_by_the_fractions_too():
    # Twenty patients, all of whom have images of both classes.
    groups = [f"p{n}" for n in range(20) for _ in range(5)]
    images = table([*"aaabb"] * 20, groups)
    splits = assign_splits(images, FRACTIONS, seed=3)
    assert images["group"].groupby(splits).nunique().to_dict() == {"train": 14, "val": 3, "test": 3}


def test_a_class_of_few_groups_says_so():
    images = table(["a"] * 9 + ["b"] * 9, [*"nnnnnnmmm", *map(str, range(9))])
    with pytest.raises(
        InputError, match="9 usable images in 2 groups, each of which stays together"
    ):
        assign_splits(images, FRACTIONS, seed=1)


def test_one_image_more_moves_few_others_where_groups_hold_several_classes():
    moved = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        mixed = [(name, f"m{n}") for n in range(40) for name in "abc" if rng.random() < 0.5]
        rows = [*mixed, *((name, f"{name}{n}") for name in "abc" for n in range(40)), ("a", "new")]
        images = table([name for name, _ in rows], [group for _, group in rows])
        after = assign_splits(images, FRACTIONS, seed)[:-1]
        moved.append((assign_splits(images[:-1], FRACTIONS, seed) != after).sum() / len(images))
    # A group that is taken changes what the next ones are worth, so now and then it is more.
    assert np.mean(moved) < 0.01
    assert np.max(moved) < 0.1


def test_a_class_of_too_few_bursts_is_told_so():
    groups = [str(number) for number in range(9)] + ["burst"] * 5
    with pytest.raises(InputError) as error:
        assign_splits(table(["a"] * 9 + ["b"] * 5, groups), FRACTIONS, seed=1)
    assert str(error.value) == (
        "class 'b' has 5 usable images in 1 groups, each of which stays together: 0 in train, "
        "0 in val, 5 in test; every class needs one in each split: add images, leave the class "
        "out, change data.fractions, or change data.group or data.burst_correlation"
    )


def test_a_given_division_that_lacks_a_class_is_not_mended_by_fractions():
    splits = ["train"] * 20 + ["test"] * 10 + ["train"] * 20
    given = table(["a"] * 30 + ["b"] * 20).assign(split=splits)
    with pytest.raises(InputError, match=r"0 in test; .* or set data.division to dissolve$"):
        assign_splits(given, FRACTIONS, seed=1)


def test_one_division_is_completed_where_that_is_asked_for():
    given = table(["a"] * 40 + ["b"] * 40).assign(split="train")
    [whole] = assign_folds(given, FRACTIONS, 1, 1, seed=1, complete=True)
    assert {*whole} == {"train", "val", "test"}
    with pytest.raises(InputError, match=r"0 in test \(and 1 more classes\); "):
        assign_folds(given, FRACTIONS, 1, 1, seed=1)


def assign(images: pd.DataFrame, folds: int = 5, repeats: int = 1, seed: int = 1):
    return assign_folds(images, FRACTIONS, folds, repeats, seed)


def test_every_image_is_tested_once_a_division_and_validated_on_at_most_once():
    images = table(["a"] * 103 + ["b"] * 42)
    found = assign(images, repeats=2)
    assert len(found) == 10
    for repeat in (found[:5], found[5:]):
        roles = pd.concat(repeat, axis=1)
        assert ((roles == "test").sum(axis=1) == 1).all()
        assert ((roles == "val").sum(axis=1) <= 1).all()
        for splits in repeat:
            counts = pd.crosstab(images["class"], splits)
            assert counts["test"].to_list() in ([21, 8], [21, 9], [20, 8], [20, 9])
            # 0.15 of 0.85 of what is not tested.
            assert counts["val"].sum() == pytest.approx(0.15 / 0.85 * 116, abs=2)
    assert not found[0].equals(found[5])


@given(
    groups=st.lists(st.integers(0, 30), min_size=40, max_size=80),
    seed=st.integers(0, 1000),
    order=st.randoms(use_true_random=False),
)
def test_folds_keep_groups_whole_and_order_changes_nothing(groups, seed, order):
    images = mix(groups, singles=12)
    found = assign(images, seed=seed)
    for splits in found:
        assert (splits.groupby(images["group"]).nunique() == 1).all()
    shuffled = shuffle(images, order)
    for splits, again in zip(found, assign(shuffled, seed=seed), strict=True):
        assert again.sort_index().equals(splits)


def test_one_image_more_moves_few_others_between_folds():
    images = table(["a", "b"] * 200)
    more = pd.concat([images, table(["a"] * 401).iloc[400:]])
    before, after = assign(images), assign(more)
    moved = [int((old != new[old.index]).sum()) for old, new in zip(before, after, strict=True)]
    assert max(moved) <= 6


def test_too_few_images_of_a_class_for_the_folds_are_an_error_with_the_way_out():
    with pytest.raises(InputError, match=r"class 'b' has 4 usable images: .*or lower data\.folds$"):
        assign(table(["a"] * 40 + ["b"] * 4))
    assert len(assign(table(["a"] * 40 + ["b"] * 5))) == 5


@pytest.mark.parametrize("folds", [2, 3, 10])
def test_any_number_of_folds_leaves_enough_to_train_on(folds):
    for splits in assign(table(["a"] * 200 + ["b"] * 200), folds):
        counts = splits.value_counts()
        assert counts["test"] == pytest.approx(400 / folds, abs=2)
        assert counts["train"] >= 0.4 * 400
        assert counts["val"] >= 0.05 * 400


def check_folds(images: pd.DataFrame, folds: int, seed: int, repeats: int = 1):
    """Checks that groups are whole, and every class in every split and tested once a division."""
    found = assign(images, folds, repeats, seed)
    for splits in found:
        assert (splits.groupby(images["group"]).nunique() == 1).all()
        counts = pd.crosstab(images["class"], splits)
        assert set(counts) == {"train", "val", "test"}
        assert (counts > 0).all(axis=None)
    if folds > 1:
        roles = pd.concat(found, axis=1)
        assert ((roles == "test").sum(axis=1) == repeats).all()
        assert ((roles == "val").sum(axis=1) <= repeats).all()


# What one fold needs, and two: the test split of one of two folds is train and val of the other.
LEAST = {1: 3, 2: 4}


@pytest.mark.parametrize("num", [5, 6, 8, 10, 15, 20])
def test_patients_of_any_size_are_divided_into_as_many_folds_as_there_are_patients_for(num):
    for seed in range(5):
        sizes = np.random.default_rng(seed).lognormal(2, 1, num).astype(int)
        check_folds(make_groups([{"a": 1 + n, "b": 1 + n // 2} for n in sizes]), 5, seed)


def test_one_large_patient_is_a_fold_of_its_own():
    images = make_groups([{"a": 25, "b": 25}, *[{"a": 5, "b": 5}] * 7])
    for seed in range(20):
        check_folds(images, 5, seed)
        tested = sorted((splits == "test").sum() for splits in assign(images, 5, seed=seed))
        assert tested == [10, 20, 20, 20, 50]


@given(
    sizes=st.lists(
        st.fixed_dictionaries({"a": st.integers(1, 40), "b": st.integers(1, 40)}),
        min_size=2, max_size=9,
    ),
    folds=st.integers(1, 6),
    seed=st.integers(0, 1000),
)  # fmt: skip
def test_patients_with_every_class_are_divided_or_too_few(sizes, folds, seed):
    images = make_groups(sizes)
    if len(sizes) >= LEAST.get(folds, folds):
        check_folds(images, folds, seed, repeats=1 if folds == 1 else 2)
        return
    with pytest.raises(InputError, match="every class needs one in each split"):
        assign(images, folds, seed=seed)


@given(data=st.data(), folds=st.integers(1, 6), seed=st.integers(0, 1000))
def test_whatever_can_be_divided_is(data, folds, seed):
    size, groups = st.integers(1, 20), []
    # Every class as often as it must be, in a group with whichever others, and what else there is.
    for _ in range(LEAST.get(folds, folds)):
        places = data.draw(st.tuples(*[st.integers(0, 2)] * 4))
        for place in set(places):
            held = [name for name, found in zip("abcd", places, strict=True) if found == place]
            groups.append({name: data.draw(size) for name in held})
    more = st.lists(st.dictionaries(st.sampled_from("abcd"), size, min_size=1), max_size=6)
    check_folds(make_groups(groups + data.draw(more)), folds, seed)


def test_two_folds_have_each_class_twice_however_it_is_paired_with_others():
    # Three pairs hold each class twice, but are not two times all three.
    pairs = [{"a": 1, "c": 20}, {"a": 20, "b": 5}, {"b": 20, "c": 20}, {"a": 1, "b": 20}]
    pairs += [{"a": 5, "b": 5}, {"b": 1, "c": 20}, {"b": 1, "c": 5}, {"a": 5, "b": 1}]
    for seed in range(20):
        check_folds(make_groups(pairs), 2, seed)
        # A class that needs no pair is halved as ever.
        images = make_groups([*pairs, *[{"d": 1}] * 100])
        tested = assign(images, folds=2, seed=seed)[0] == "test"
        assert 45 <= (tested & (images["class"] == "d")).sum() <= 55


def test_no_split_takes_all_of_a_class_that_has_a_group_for_each():
    images = make_groups([{name: 1} for name in "ab" * 4])
    for seed in range(9):
        splits = assign_splits(images, {"train": 0.1, "val": 0.45, "test": 0.45}, seed)
        assert (pd.crosstab(images["class"], splits) > 0).all(axis=None)


def test_only_the_class_that_is_too_small_is_named_though_val_asks_for_much_of_all():
    groups = [{"a": 4}, {"c": 2}, {"b": 1}, {"b": 1}, {"c": 4}, {"c": 1}, {"b": 1}, {"c": 2}]
    images = make_groups([*groups, {"a": 4}, {"b": 4}])
    with pytest.raises(InputError, match=r"class 'a' has 8 usable images in 2 groups.* in test; "):
        assign_folds(images, {"train": 0.28, "val": 0.64, "test": 0.24}, 2, 1, seed=1)


def test_few_groups_make_folds_that_are_as_even_as_these_allow():
    groups = [{"a": 1, "b": 1}, {"b": 2}, {"a": 3}, {"b": 1}, {"b": 3}, {"a": 1, "b": 1}, {"a": 1}]
    images, uneven = make_groups([*groups, {"a": 2, "b": 2}]), []
    for seed in range(10):
        for splits in assign(images, 4, seed=seed):
            tested = images["class"][splits == "test"].value_counts()
            uneven += [abs(tested["a"] - 2) / 2, abs(tested["b"] - 2.5) / 2.5]
    assert np.mean(uneven) < 0.3


def test_no_more_is_left_for_the_other_splits_than_they_need():
    images = make_groups([{name: 1} for name in "ab" * 4])
    splits = assign_splits(images, {"train": 0.25, "val": 0.25, "test": 0.5}, seed=1)
    assert pd.crosstab(images["class"], splits)["test"].tolist() == [2, 2]
    fewer = images[:6]
    splits = assign_splits(fewer, {"train": 0.2, "val": 0.1, "test": 0.7}, seed=1)
    assert (pd.crosstab(fewer["class"], splits) == 1).all(axis=None)


def test_val_may_be_all_that_the_next_fold_tests():
    images = table([*"ab"] * 50)
    found = assign_folds(images, {"train": 0.5, "val": 0.4, "test": 0.1}, 5, 1, seed=1)
    for splits, after in zip(found, [*found[1:], found[0]], strict=True):
        assert (splits == "val").equals(after == "test")


def test_folds_are_cut_as_ever():
    # Figures that rest on a division can be made again only if it stays what it is.
    images = make_groups([{"a": 3}, {"b": 2}, {"a": 1, "b": 2}] * 4)
    tested, chosen = (
        [{*images["group"][splits == split]} for splits in assign(images, folds=3)]
        for split in ("test", "val")
    )
    assert tested == [
        {"g0", "g2", "g4"}, {"g3", "g5", "g7", "g10"}, {"g1", "g6", "g8", "g9", "g11"},
    ]  # fmt: skip
    assert chosen == [{"g5", "g7"}, {"g11"}, {"g2"}]


@pytest.mark.parametrize(("folds", "percent"), [(7, 17), (10, 11), (20, 5)])
def test_val_is_at_most_what_the_next_fold_tests_and_that_is_said(folds, percent):
    images = table([*"ab"] * 200)
    for splits in assign(images, folds):
        counts = splits.value_counts()
        share = counts["val"] / (counts["val"] + counts["train"])
        assert round(100 * share) == pytest.approx(percent, abs=1)
    assert describe_val(FRACTIONS, folds) == (
        f"With {folds} folds val has {percent} % of what is not tested, not the 18 % that "
        "data.fractions asks for: it is what the next fold tests, so that no image is in val twice"
    )


def test_nothing_is_said_of_a_val_that_has_its_share():
    assert not any(describe_val(FRACTIONS, folds) for folds in range(2, 7))
    # A sixth of what is not tested, in place of 17 %.
    assert not describe_val({"train": 0.83, "val": 0.17, "test": 0.1}, 7)
    assert not describe_val({"train": 0.2, "val": 0.8, "test": 0.1}, 2)


def test_a_given_division_is_the_one_fold():
    images = table(["a", "b"] * 30, splits=["train"] * 40 + ["val"] * 10 + ["test"] * 10)
    [splits] = assign(images)
    assert splits.equals(images["split"])


def test_one_fold_is_a_division_by_fractions():
    images = table(["a", "b"] * 30)
    [splits] = assign(images, folds=1)
    assert splits.equals(assign_splits(images, FRACTIONS, seed=1))


def rank(images: pd.DataFrame, seed: int = 1) -> pd.Series:
    """Ranks images that are all for training."""
    return rank_groups(images, pd.Series("train", index=images.index), seed)


def count_share(images: pd.DataFrame, share: float) -> pd.Series:
    """Counts the images of a share, by class."""
    return images["class"][rank(images) <= share].value_counts()


def test_a_share_of_single_images_is_that_share_of_each_class():
    images = table(["a"] * 80 + ["b"] * 40)
    for share in (0.125, 0.25, 0.5, 0.9):
        # An image lies in the middle of its own eightieth, or fortieth.
        assert count_share(images, share).to_dict() == {"a": 80 * share, "b": 40 * share}
    ranks = rank(images)
    assert sorted(ranks[:80]) == [0, *((number + 0.5) / 80 for number in range(1, 80))]
    assert sorted(ranks[80:]) == [0, *((number + 0.5) / 40 for number in range(1, 40))]


def test_only_images_for_training_have_a_rank_and_only_they_decide_it():
    images = table([*"ab"] * 30)
    splits = assign_splits(images, FRACTIONS, seed=0)
    ranks = rank_groups(images, splits, seed=1)
    train = splits == "train"
    assert ranks.notna().equals(train)
    assert ranks[train].equals(rank(images[train]))
    # Whatever the others are called, and whatever they are for.
    other = images.assign(**{name: images[name].where(train, "x") for name in ("group", "class")})
    assert rank_groups(other, splits.where(train, "test"), seed=1).equals(ranks)
    assert not rank_groups(images, splits, seed=2).equals(ranks)


def test_one_image_more_moves_few_others_between_shares():
    images = table([*"ab"] * 100)
    more = pd.concat([images, table(["a"] * 201).iloc[200:]], ignore_index=True)
    before, after = rank(images) <= 0.25, rank(more)[:-1] <= 0.25
    assert (before != after).sum() <= 1


@given(
    sizes=st.dictionaries(
        st.sampled_from("abcd"), st.lists(st.integers(1, 6), min_size=1, max_size=20), min_size=1
    ),
    share=st.floats(0.001, 1),
    order=st.randoms(use_true_random=False),
)
def test_shares_are_of_whole_groups_and_of_each_class_within_half_a_group(sizes, share, order):
    groups = [(name, f"{name}{n}", size) for name in sizes for n, size in enumerate(sizes[name])]
    classes = [name for name, _, size in groups for _ in range(size)]
    images = table(classes, [group for _, group, size in groups for _ in range(size)])
    ranks = rank(images)
    assert ranks.between(0, 1).all()
    assert (ranks.groupby(images["group"]).nunique() == 1).all()
    assert rank(shuffle(images, order)).sort_index().equals(ranks)
    counts = count_share(images, share)
    for name, parts in sizes.items():
        first = int((ranks[images["class"] == name] == 0).sum())
        assert first in parts, "one group is in every share"
        assert counts[name] >= first
        assert abs(counts[name] - share * sum(parts)) <= max(parts) / 2 or counts[name] == first


@given(
    groups=st.lists(
        st.dictionaries(st.sampled_from("abc"), st.integers(1, 4), min_size=1),
        min_size=1, max_size=30,
    ),
    seed=st.integers(0, 1000),
    order=st.randoms(use_true_random=False),
)  # fmt: skip
def test_every_class_is_in_every_share_whatever_the_groups_hold(groups, seed, order):
    images = make_groups(groups)
    ranks = rank(images, seed)
    assert ranks.between(0, 1).all()
    assert (ranks.groupby(images["group"]).nunique() == 1).all()
    assert set(images["class"][ranks == 0]) == set(images["class"])
    assert rank(shuffle(images, order), seed).sort_index().equals(ranks)


def test_a_group_of_several_classes_counts_for_the_one_that_it_has_most_of():
    # In this order; the last has a alone.
    images = table([*"aaab", *"abbb", *"aaabb", "a"], [*"ppppqqqqrrrrr", "s"])
    by_group = dict(zip(images["group"], rank(images, seed=find_seed("pqrs")), strict=True))
    # p is the first that has a or b. Of six images of b one is before q, which has three; of eight
    # of a four are before r, which has three, and seven before s.
    assert by_group == {"p": 0, "q": 2.5 / 6, "r": 5.5 / 8, "s": 7.5 / 8}


def find_seed(order: str) -> int:
    """Finds a seed that orders groups so: each by the rank of one of many alike."""
    images = table(["a"] * len(order), [*order])
    return next(seed for seed in range(1000) if rank(images, seed).is_monotonic_increasing)


@given(
    groups=st.lists(st.integers(0, 30), min_size=40, max_size=80),
    seed=st.integers(0, 1000),
    order=st.randoms(use_true_random=False),
)
def test_all_images_train_a_model_but_for_its_share_of_val(groups, seed, order):
    images = mix(groups, singles=10)
    splits = hold_out_val(images, FRACTIONS, seed)
    assert (splits.groupby(images["group"]).nunique() == 1).all()
    counts = pd.crosstab(images["class"], splits)
    assert [*counts.columns] == ["train", "val"]
    share = counts["val"] / counts.sum(axis=1)
    # 15 of 85, as far as whole groups allow.
    assert share.between(0.08, 0.24).all()
    again = hold_out_val(shuffle(images, order), FRACTIONS, seed)
    assert again.sort_index().equals(splits)
    assert not hold_out_val(images, FRACTIONS, seed + 1).equals(splits)


def test_val_of_all_images_leaves_every_class_to_train_on():
    images = make_groups([{"b": 5, "c": 5}, {"a": 2, "b": 1, "c": 5}, {"a": 1}])
    for seed in range(9):
        counts = pd.crosstab(images["class"], hold_out_val(images, FRACTIONS, seed))
        assert set(counts) == {"train", "val"}
        assert (counts > 0).all(axis=None)


def test_what_the_source_gives_as_val_stays_so_and_its_test_trains():
    images = table([*"ab"] * 6, splits=["train", "train", "val", "val", "test", "test"] * 2)
    splits = hold_out_val(images, FRACTIONS, seed=1)
    assert (splits == images["split"].replace("test", "train")).all()
    # It gives none: some of all of them.
    images = table([*"ab"] * 20, splits=["train"] * 20 + ["test"] * 20)
    counts = pd.crosstab(images["class"], hold_out_val(images, FRACTIONS, seed=1))
    assert counts["val"].tolist() == [4, 4]


def test_a_class_with_two_groups_has_one_in_each():
    images = table([*"aab"] + ["b"] * 30)
    for seed in range(9):
        counts = pd.crosstab(images["class"], hold_out_val(images, FRACTIONS, seed))
        assert counts.loc["a"].tolist() == [1, 1]
