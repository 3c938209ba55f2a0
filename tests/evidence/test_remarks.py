"""A careful reader is told what data and runs are like."""

import pandas as pd

from threeway.evidence.remarks import (
    remark_on_data,
    remark_on_division,
    remark_on_left_out,
    remark_on_pixels,
    remark_on_processors,
    remark_on_runs,
    remark_on_sizes,
    remark_on_split,
)


def test_one_division_and_few_images_are_told():
    comparison = pd.DataFrame({"seeds": [1, 1], "images": 300, "split": "test"})
    data = {"folds": 1, "comes_divided": False}
    one, few = remark_on_division(comparison, data)
    assert one.startswith("One division and one seed: intervals and tests are for these trained ")
    assert one.endswith("training.seeds: [1, 2, 3] covers the first, data.folds: 5 the second.")
    assert few.startswith("300 test images: with fewer than about 500 the intervals may")
    [_, few] = remark_on_division(comparison.assign(split="val"), data)
    assert few.startswith("300 val images: ")
    [one] = remark_on_division(comparison.assign(seeds=3, images=500), data)
    assert one.startswith("One division: the intervals")
    assert one.endswith("data.folds: 5 covers that.")
    [one, _] = remark_on_division(comparison, data | {"comes_divided": True})
    assert one.endswith("data.division: dissolve the second.")
    assert remark_on_division(comparison.assign(images=500), {"folds": 5}) == []


def runs(**changes) -> pd.DataFrame:
    """One scenario that is fine but for what is changed."""
    fine = {"scenario": "cnn", "split": "test", "train_accuracy": 0.95, "val_accuracy": 0.93}
    fine |= {
        "accuracy": 0.93,
        "accuracy_high": 0.96,
        "unfinished_runs": 0,
        "runs": 3,
        "images": 300,
        "folds": 1,
    }
    return pd.DataFrame([fine | {"val_loss": 0.2} | changes])


def test_a_run_that_is_fine_has_no_remark():
    assert remark_on_runs(runs(), ["cnn"], 4) == []


def test_a_gap_between_train_and_new_images_is_told():
    found = remark_on_runs(runs(train_accuracy=0.99, accuracy=0.9, accuracy_high=0.93), ["cnn"], 4)
    assert found == [
        "cnn is right on 9.0 points more of the images that it was trained on than of the test "
        "images."
    ]


def test_test_images_of_another_kind_are_told_where_they_train_no_other_fold():
    other = runs(train_accuracy=0.90, val_accuracy=0.92, accuracy=0.6, accuracy_high=0.65)
    found = remark_on_runs(other, ["cnn"], 4)
    assert len(found) == 1
    assert "32.0 points worse on test than on val" in found[0]
    assert found[0].endswith("the test images seem to be of another kind.")
    assert remark_on_runs(other.assign(images=99), ["cnn"], 4)[0].endswith(", or too few to tell.")
    assert "another kind" not in remark_on_runs(other.assign(folds=5), ["cnn"], 4)[0]


def test_a_run_that_was_cut_off_is_told_whether_it_learnt_anything_or_not():
    assert "in 2 of 3 runs" in remark_on_runs(runs(unfinished_runs=2), ["cnn"], 4)[0]
    lost = runs(unfinished_runs=2, train_accuracy=0.25, val_accuracy=0.25, val_loss=7.1)
    found = remark_on_runs(lost, [], 4)
    assert found[1].startswith("cnn was still improving when its epochs ran out, in 2 of 3 runs")
    assert "its validation loss, 7.1, is above the 1.39 of guessing: its training" in found[0]
    assert "lower cnn.learning_rate" in found[0]


def test_what_was_learnt_by_heart_does_not_carry_over():
    found = remark_on_runs(runs(train_accuracy=1.0, val_accuracy=0.25), [], 4)
    assert "100.0 % on train and 25.0 % on val" in found[0]


def leave_out(rejected: int, files: int, lost: int) -> dict:
    data = {"lost": rejected, "files": files, "lost_by_reason": {"not an image": rejected}}
    return data | {"files_by_class": {"a": 40, "b": 900}, "rejected_by_class": {"a": lost}}


def test_files_left_out_are_told_by_reason_from_five_percent_on():
    assert remark_on_left_out(leave_out(49, 1000, 0)) == []
    assert remark_on_left_out(leave_out(50, 1000, 0)) == [
        "50 of 1,000 files (5.0 %) were left out (not an image: 50). data/pipeline/rejected.csv "
        "names each."
    ]


def test_a_class_of_which_a_quarter_is_left_out_is_named():
    assert remark_on_left_out(leave_out(9, 1000, 9)) == []
    found = remark_on_left_out(leave_out(10, 1000, 10))
    assert found == ["A quarter or more of a class's files was left out: a (10 of 40)."]


def test_figures_of_val_say_so():
    assert remark_on_split("test", 5) == []
    [once], [folds] = remark_on_split("val", 1), remark_on_split("val", 5)
    assert once.startswith("No network was judged by the test images of its fold")
    assert "in another fold" not in once
    assert folds.startswith(f"{once} Each of these images is for testing in another fold: ")


def test_remarks_on_small_and_uneven_classes():
    small = {"train": 9, "val": 2, "test": 2, "tested": 9}
    large = {"train": 70, "val": 15, "test": 15, "tested": 100}
    found = remark_on_data({"classes": {"rare": small, "common": large}})
    assert "Fewer than 10 test images: rare (9)." in found[0]
    assert "from 13 to 100 images" in found[1]
    assert remark_on_data({"classes": {"a": large, "b": large}}) == []


def test_pixels_out_of_the_backbones_range_are_flagged():
    assert remark_on_pixels([-1, 1]) == []
    assert "saw pixels in [0, 1], and learnt on [-1, 1]" in remark_on_pixels([0, 1])[0]


def test_networks_of_several_sizes_are_told():
    table = pd.DataFrame({"scenario": ["cnn", "frozen", "tuned"], "networks": [1, 1, 1]})
    assert remark_on_sizes(table) == []
    assert remark_on_sizes(table.assign(networks=[2, 1, 1])) == [
        "Folds chose networks of different sizes for cnn: parameters and multiplications are means "
        "over them."
    ]
    assert "sizes for cnn and tuned: " in remark_on_sizes(table.assign(networks=[5, 1, 3]))[0]


def test_runs_of_several_kinds_of_machines_are_told():
    assert remark_on_processors(["AMD EPYC"]) == []
    assert remark_on_processors(["AMD EPYC", "Intel Xeon"])[0].startswith(
        "Runs were trained on different processors (AMD EPYC and Intel Xeon), whose arithmetic "
    )
