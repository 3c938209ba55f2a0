"""A run and its folder name each other."""

from pathlib import Path

import pytest

from threeway.artefacts import RUNS
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


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(ValueError, match="'seed-1' is no run's name, expected fold-F-seed-S"):
        Run.of(Path("runs/fine_tuning/seed-1"))
