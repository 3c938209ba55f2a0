"""What folders say of their files; where they could say two things, nothing is guessed."""

import pytest

from tests.conftest import read_data
from threeway.errors import InputError
from threeway.intake.division import read_split
from threeway.intake.entries import Entry
from threeway.intake.labelling import MAX_CLASSES, label_paths


def label(paths, refused=None, **changes):
    """Labels paths: (class, split, group) of those used, and the reason for each of the others."""
    entries = label_paths(paths, read_data(**changes), refused)
    used = {e.path: (e.class_name, e.split, e.group) for e in entries if not e.rejection}
    return used, {e.path: e.rejection for e in entries if e.rejection}


def files(*folders, number=2):
    return [f"{folder}/{n}.png" for folder in folders for n in range(number)]


def classes(paths, **changes):
    used, _ = label(paths, **changes)
    return sorted({class_name for class_name, _, _ in used.values()})


def divided(paths, **changes):
    """Says how many files of each class are in each split."""
    used, _ = label(paths, **changes)
    counts = {}
    for class_name, split, _ in used.values():
        counts[split, class_name] = counts.get((split, class_name), 0) + 1
    return counts


@pytest.mark.parametrize(
    ("names", "split"),
    [
        ("train Train TRAINING training_set trainSet seg_train train2017 trainset", "train"),
        ("data-train trainval train_val Train_Images train.split", "train"),
        ("val valid Validation dev valset validation_data Val2017", "val"),
        ("test Testing test_set seg_test test1 TestData evaluation testset", "test"),
        ("unlabelled Unlabeled seg_pred prediction unlabeled2017", "unlabelled"),
        ("cat 1 set images invalid contest latest trainers protest trained", None),
        ("test_train pretrain my_train", None),
        ("training shoes", None),
    ],
)  # fmt: skip
def test_usual_names_of_splits_are_known_in_any_case_and_form(names, split):
    for name in [names] if " shoes" in names else names.split():
        assert read_split(name) == split, name


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("training_set", "test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("set/Train", "set/Testing"),
        ("train/images", "test/images"),
    ],
)
def test_a_division_is_known_by_its_names(train, test):
    paths = files(f"{train}/cat", f"{train}/dog", f"{test}/cat", f"{test}/dog")
    assert divided(paths) == {
        ("train", "cat"): 2, ("train", "dog"): 2, ("test", "cat"): 2, ("test", "dog"): 2
    }  # fmt: skip


def test_dev_is_val_and_what_is_unlabelled_is_left_out():
    parts = ("train", "dev", "test")
    paths = files(*(f"{part}/{name}" for part in parts for name in ("cat", "dog")))
    used, rejected = label([*paths, *files("unlabelled", "seg_pred/seg_pred"), "notes.md"])
    assert {split for _, split, _ in used.values()} == {"train", "val", "test"}
    reasons = dict.fromkeys(rejected, "unlabelled: in a folder of such a name")
    assert rejected == reasons | {"notes.md": "not in a split's folder"}
    assert len(rejected) == 5


def test_classes_named_like_splits_are_classes_where_others_stand_beside_them():
    assert classes(files("train", "bus", "test")) == ["bus", "test", "train"]
    assert classes(files("training", "bus/small", "car")) == ["bus", "car", "training"]


def test_one_folder_around_everything_is_no_class_whatever_lies_beside_it():
    paths = ["readme.md", "set/notes.txt", "set/cat/1.png", "set/dog/2.png"]
    used, rejected = label(paths)
    assert used == {"set/cat/1.png": ("cat", None, None), "set/dog/2.png": ("dog", None, None)}
    assert rejected == dict.fromkeys(paths[:2], "not in a class folder")


def test_deeper_folders_are_their_class_folders():
    assert classes(["cat/images/1.png", "dog/2.png", "dog/more/3.png"]) == ["cat", "dog"]


def test_system_files_and_stray_files_are_rejected_with_a_reason():
    paths = ["cat/1.png", "dog/2.png", "readme.txt", "__MACOSX/cat/1.png", "dog/.DS_Store"]
    _, rejected = label(paths)
    assert rejected == {
        "readme.txt": "not in a class folder",
        "__MACOSX/cat/1.png": "system file",
        "dog/.DS_Store": "system file",
    }


def test_what_is_rejected_keeps_its_class_and_split_where_they_are_known():
    refused = {"train/cat/link.png": "link or device in an archive", "../cat/x.png": "leads out"}
    refused |= {"train/none/y.png": "too large"}
    paths = files("train/cat", "train/dog", "test/cat", "test/dog")
    entries = label_paths([*paths, *refused, "test/cat/a\r.png"], read_data(), refused)
    assert [entry for entry in entries if entry.rejection] == [
        Entry("train/cat/link.png", "cat", "train", "link or device in an archive"),
        Entry("../cat/x.png", rejection="leads out"),
        Entry("train/none/y.png", rejection="too large"),
        Entry("test/cat/a\r.png", "cat", "test", "name with a carriage return"),
    ]


TAXONOMY = files("animals/cat", "animals/dog", "plants/oak")
PATIENTS = files("ill/p1", "ill/p2", "well/p1", "well/p2", "well/p3")
TURNED_ROUND = files("cat/train", "cat/test", "dog/train", "dog/test")
MIXED = files("train/cat", "train/dog", "test/cat", "test/dog", "extra/cat")
ALIKE = files("cat", "cat/a", "cat/b", "dog", "dog/a", "dog/b")


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (
            TAXONOMY,
            [
                "  animals/: no files, 2 folders (cat/ 2, dog/ 2)",
                "  plants/: no files, 1 folder (oak/ 2)",
                '  "class": 2 classes (animals 4, plants 2)',
                '  "*/class": 3 classes (cat 2, dog 2, oak 2)',
            ],
        ),
        (
            [f"all/{path}" for path in PATIENTS],
            [
                '  "*/class": 2 classes (ill 4, well 6)',
                '  "*/class/group": 2 classes (ill 4, well 6); what is in one folder stays in one',
                '  "*/*/class": 3 classes (p1 4, p2 4, p3 2)',
            ],
        ),
        (TURNED_ROUND, ['  "class/split": 2 classes (cat 4, dog 4), divided by train, test']),
        (
            MIXED,
            [
                '  "class": 3 classes (train 4, test 4, extra 2)',
                '  "split/class": 2 classes (cat 4, dog 4), without extra/',
            ],
        ),
        (
            [f"{split}/{path}" for split in ("train", "test") for path in TAXONOMY],
            ['  "split/class": 2 classes', '  "split/*/class": 3 classes (cat 4, dog 4, oak 4)'],
        ),
        (ALIKE, ["  cat/: 2 files, 2 folders (a/ 2, b/ 2)", '  "class": 2', '  "*/class": 2']),
        (files(*(f"top/{n}/{m}" for n in range(9) for m in range(2))), ["  and 3 more"]),
    ],
)
def test_folders_that_can_be_read_in_two_ways_are_shown_and_not_guessed(paths, shown):
    with pytest.raises(InputError, match="more than one way") as caught:
        label_paths(paths, read_data())
    lines = str(caught.value).splitlines()
    for start in shown:
        assert any(line.startswith(start) for line in lines), (start, lines)
    assert len(lines) <= 14


def test_ways_to_read_a_division_are_shown_of_its_classes():
    paths = files(
        *[f"{split}/{n}/{side}" for split in ("train", "test") for n in "xy" for side in "lr"]
    )
    with pytest.raises(InputError) as caught:
        label_paths(paths, read_data())
    assert str(caught.value).splitlines() == [
        "the folders of data.source can be read in more than one way:",
        "  x/: no files, 2 folders (l/ 4, r/ 4)",
        "  y/: no files, 2 folders (l/ 4, r/ 4)",
        "set data.layout to the right one (numbers are files):",
        '  "split/class": 2 classes (x 8, y 8)',
        '  "split/class/group": 2 classes (x 8, y 8); what is in one folder stays in one split',
        '  "split/*/class": 2 classes (l 8, r 8)',
    ]


@pytest.mark.parametrize(("num", "more"), [(6, []), (7, ["  and 1 more"])])
def test_of_many_folders_the_first_six_are_shown(num, more):
    with pytest.raises(InputError) as caught:
        label_paths(files(*[f"{n}/{side}" for n in range(num) for side in "lr"]), read_data())
    lines = str(caught.value).splitlines()
    assert lines[7:-4] == more
    listed = ", ".join(f"{n} 4" for n in range(6)) + (", and 1 more" if more else "")
    assert lines[-3] == f'  "class": {num} classes ({listed})'


def test_each_reading_can_be_chosen():
    assert classes(TAXONOMY, layout="class") == ["animals", "plants"]
    assert classes(TAXONOMY, layout="*/class") == ["cat", "dog", "oak"]
    assert divided(TURNED_ROUND, layout="class/split") == {
        ("train", "cat"): 2, ("test", "cat"): 2, ("train", "dog"): 2, ("test", "dog"): 2
    }  # fmt: skip
    used, rejected = label(MIXED, layout="split/class")
    assert len(used) == 8
    reason = "not in a folder that is named like a split"
    assert rejected == dict.fromkeys(files("extra/cat"), reason)
    assert classes(MIXED, layout="class") == ["extra", "test", "train"]


def test_levels_are_counted_from_the_source_and_deeper_folders_are_ignored():
    paths = ["set/train/cat/1/2/3.png", "set/test/dog/4.png", "set/train/dog/6.png",
             "set/test/cat/7.png", "set/train/5.png"]  # fmt: skip
    used, rejected = label(paths, layout="*/split/class")
    assert used["set/train/cat/1/2/3.png"] == ("cat", "train", None)
    assert rejected == {"set/train/5.png": "not in a class folder"}


def test_a_level_can_name_groups_across_classes():
    used, _ = label([*PATIENTS, "well/alone.png"], layout="class/group")
    assert used["ill/p1/0.png"] == ("ill", None, "p1")
    assert used["well/p1/0.png"] == ("well", None, "p1")
    assert used["well/alone.png"] == ("well", None, None)


def test_a_pattern_that_fits_a_path_and_names_no_group_is_an_input_error():
    paths = [f"{kind}/patient{n}_{shot}.png" for kind in "ab" for n in range(2) for shot in "xy"]
    paths += [f"{kind}/subject{n}_{shot}.png" for kind in "ab" for n in range(2) for shot in "xy"]
    told = r"fits 'a/subject0_x.png', but its first parentheses have no part.*\(\?:patient\|subj"
    with pytest.raises(InputError, match=told):
        label(paths, group=r"patient(\d+)|subject(\d+)")
    used, _ = label(paths, group=r"(?:patient|subject)\d+")
    assert used["b/subject1_x.png"] == ("b", None, "subject1")


def test_a_layout_that_fits_no_file_is_an_input_error():
    with pytest.raises(InputError, match=r"e.g. 'cat/0.png' is not in a class folder; levels are"):
        label(files("cat", "dog"), layout="*/class")
    with pytest.raises(InputError, match=r"'cat/0.png' is not in a folder that is named like"):
        label(files("cat", "dog"), layout="split/class")


# Divisions that are not whole.


def test_a_division_without_test_names_both_ways_out():
    paths = files("train/cat", "train/dog", "val/cat", "val/dog")
    with pytest.raises(InputError, match=r"into train and val.* no test.*complete.*dissolve"):
        label(paths)
    assert {split for split, _ in divided(paths, division="complete")} == {"train", "val"}
    assert {split for split, _ in divided(paths, division="dissolve")} == {None}


def test_a_division_without_train_is_an_input_error():
    paths = files("val/cat", "val/dog", "test/cat", "test/dog")
    with pytest.raises(InputError, match="into test and val, and nothing is train"):
        label(paths, division="complete")


@pytest.mark.parametrize("unlabelled", ["test", "test/test", "test/unknown", "test/images"])
def test_a_test_folder_without_trains_classes_is_no_test_split(unlabelled):
    paths = [*files("train/cat", "train/dog"), *files(unlabelled)]
    with pytest.raises(InputError, match=r"no test split with labels \(2 files are unlabelled\)"):
        label(paths)
    used, rejected = label(paths, division="complete")
    assert {split for _, split, _ in used.values()} == {"train"}
    assert rejected == dict.fromkeys(files(unlabelled), "unlabelled: no class that train has")


@pytest.mark.parametrize("folders", [["train"], ["train", "test"], ["train/train", "test1/test1"]])
def test_splits_without_class_folders_point_to_a_table(folders):
    with pytest.raises(InputError, match=r"holds no class folder .* in a table \(data.table\)"):
        label(files(*folders))


def test_two_folders_of_one_split_are_classes_only_if_the_user_says_so():
    with pytest.raises(InputError, match=r'set data.layout to "class"'):
        label(files("train", "training"))
    assert classes(files("train", "training"), layout="class") == ["train", "training"]


def test_classes_that_differ_in_case_between_splits_are_still_told():
    paths = files("train/Cat", "train/dog", "test/cat", "test/dog")
    with pytest.raises(InputError, match="'Cat' and 'cat' differ in nothing but case"):
        label(paths)
    with pytest.raises(InputError, match="'Cat' and 'cat' differ in nothing but case"):
        label(files("train/Cat", "train/Dog", "test/cat", "test/dog"))


# Groups by a pattern.


def test_a_pattern_names_groups():
    paths = ["cat/p1_a.png", "dog/p1_b.png", "dog/p2_c.png", "dog/other.png"]
    used, _ = label(paths, group=r"/(p\d)_")
    assert [group for _, _, group in used.values()] == ["p1", "p1", "p2", None]
    used, _ = label(paths, group=r"p\d_[ab]")
    assert [group for _, _, group in used.values()] == ["p1_a", "p1_b", None, None]
    # Of two parentheses the first counts, and one that is empty names nothing.
    used, _ = label(paths, group=r"/(p1|)(.)")
    assert [group for _, _, group in used.values()] == ["p1", "p1", None, None]


def test_no_pattern_is_no_pattern_whatever_files_are_called():
    used, _ = label(["cat/none-1.png", "cat/none-2.png", "dog/none.png", "dog/3.png"], group="none")
    assert {group for _, _, group in used.values()} == {None}


def test_a_pattern_need_not_fit_what_is_left_out_anyway():
    refused = {"cat/subject9.png": "stored twice in the archive"}
    paths = ["cat/patient1.png", "cat/subject9.png", "dog/patient2.png"]
    used, rejected = label(paths, refused, group=r"patient(\d+)|subject")
    assert [group for _, _, group in used.values()] == ["1", "2"]
    assert rejected == refused


def test_a_pattern_that_tells_nothing_is_an_input_error():
    with pytest.raises(InputError, match=r"'zzz' is found in no path, e.g. 'cat/0.png'"):
        label(files("cat", "dog"), group="zzz")
    with pytest.raises(InputError, match=r"all 4 files are one group, 'png', e.g. 'cat/0.png'"):
        label(files("cat", "dog"), group="png")


# What was there before.


def test_a_source_without_class_folders_is_an_input_error():
    with pytest.raises(InputError, match="2 files and no class folder"):
        label(["1.png", "2.png"])
    with pytest.raises(InputError, match="1 class, 'images', expected at least 2"):
        label(files("images"))


def test_as_many_classes_as_can_be_compared_are_taken():
    paths = [f"{number}/1.png" for number in range(MAX_CLASSES)]
    assert len(classes(paths)) == MAX_CLASSES
    with pytest.raises(InputError, match="1,001 classes, and at most 1,000"):
        label([*paths, "one more/1.png"])


def test_a_test_split_whose_classes_are_called_otherwise_is_not_taken_for_unlabelled():
    paths = files("train/cat", "train/dog", "test/cats", "test/dogs")
    with pytest.raises(InputError, match="test has the classes cats, dogs, none of which train"):
        label_paths(paths, read_data())
    # The way out that it names: all of them are classes.
    assert classes(paths, division="dissolve") == ["cat", "cats", "dog", "dogs"]
    # Kaggle's one folder is no class for that.
    paths = files("train/cat", "train/dog", "test/unknown")
    used, rejected = label(paths, division="dissolve")
    assert {split for _, split, _ in used.values()} == {None}
    assert rejected == dict.fromkeys(files("test/unknown"), "unlabelled: no class that train has")


def test_names_that_spreadsheets_run_are_told_by_their_kind_and_number():
    with pytest.raises(InputError, match=r"the folder '-a' begins with '-', .*; rename it$"):
        label(files("-a", "b"))
    with pytest.raises(InputError, match=r"the folder '-a' begins with '-', .*, and 2 more"):
        label(files("-a", "=b", "@c", "d"))
