"""A run and its folder name each other."""

from pathlib import Path

import pytest

from threeway.artefacts import LEARNING_CURVE, RUNS
from threeway.run import Run, find_runs


@pytest.mark.parametrize("run", [Run("baseline_cnn", 1, 0), Run("fine_tuning", 12, 2**31 - 1)])
def test_a_run_is_told_from_its_folder(run):
    assert run.folder == RUNS / run.scenario / run.name
    assert Run.of(run.folder) == run


def test_runs_come_by_fold_then_seed_and_nothing_else_is_one(tmp_path):
    names = ["fold-10-seed-1", "fold-2-seed-10", "fold-2-seed-9", "layers.csv"]
    for name in names:
        (tmp_path / "any" / name).mkdir(parents=True)
    found = [path.name for path in find_runs(tmp_path / "any")]
    assert found == ["fold-2-seed-9", "fold-2-seed-10", "fold-10-seed-1"]
    assert find_runs(tmp_path / "nothing") == []


@pytest.mark.parametrize(
    ("share", "name"),
    [
        (0.5, "fold-2-seed-7-share-0.5"),
        (0.125, "fold-2-seed-7-share-0.125"),
        (1 / 3, "fold-2-seed-7-share-0.3333333333333333"),
        (1e-5, "fold-2-seed-7-share-1e-05"),
    ],
)
def test_a_run_on_a_share_of_the_images_lies_elsewhere_and_says_so(share, name):
    run = Run("fine_tuning", 2, 7, share)
    assert run.folder == LEARNING_CURVE / "fine_tuning" / name
    assert Run.of(run.folder) == run
    # Its random numbers are those of the run on all images.
    assert run.key == Run("fine_tuning", 2, 7).key
    assert run != Run("fine_tuning", 2, 7)


def test_all_images_are_no_share_of_them():
    run = Run("baseline_cnn", 2, 7, 1.0)
    assert run == Run("baseline_cnn", 2, 7)
    assert run.folder == RUNS / "baseline_cnn/fold-2-seed-7"


def test_shares_of_a_run_come_in_order_of_size(tmp_path):
    names = ["fold-2-seed-1-share-0.125", "fold-1-seed-2-share-0.5", "fold-1-seed-1"]
    names += ["fold-1-seed-1-share-0.5", "fold-1-seed-1-share-0.25", "fold-1-seed-1-share-1e-05"]
    for name in names:
        (tmp_path / "any" / name).mkdir(parents=True)
    assert [path.name for path in find_runs(tmp_path / "any")] == [
        "fold-1-seed-1-share-1e-05",
        "fold-1-seed-1-share-0.25",
        "fold-1-seed-1-share-0.5",
        "fold-1-seed-1",
        "fold-1-seed-2-share-0.5",
        "fold-2-seed-1-share-0.125",
    ]


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(ValueError, match="'seed-1' is no run's name, expected fold-F-seed-S"):
        Run.of(Path("runs/fine_tuning/seed-1"))
    with pytest.raises(ValueError, match="'fold-1-seed-1-trial-02' is no run's name"):
        Run.of(Path("unfinished/fine_tuning/fold-1-seed-1-trial-02"))
