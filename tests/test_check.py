"""What is looked at first: git, and how long tuning will take, as far as it can be known."""

import os
import subprocess
from pathlib import Path

import pytest

from stages.check import check_commit, estimate_tuning
from threeway.artefacts import SECONDS
from threeway.errors import InputError
from threeway.records import write_json
from threeway.scenarios import SCENARIOS
from threeway.settings import Settings, load_settings

PARAMS = Path(__file__).parents[1] / "params.yaml"
# More than any machine has cores: one run at a time.
MANY = 10**6


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read_settings(trials: int, folds: int = 5, repeats: int = 1, threads: int = MANY) -> Settings:
    values = {"tuning.trials": trials, "data.folds": folds, "data.repeats": repeats}
    settings = load_settings("data", "tuning", "machine", "execution", path=PARAMS)
    return settings.replace(values | {"machine.threads": threads})


def write_seconds(**seconds: list[float]) -> None:
    """Writes what runs took, as the stages that train them do."""
    for name, times in seconds.items():
        runs = {f"fold-{fold}-seed-1": second for fold, second in enumerate(times, 1)}
        told = {"seconds": runs, "trials_seconds": 1e6, "processors": ["AMD"]}
        write_json(SECONDS / f"{name}.json", told)


def test_without_trials_there_is_nothing_to_tell():
    write_seconds(**{name: [1.0] for name in SCENARIOS})
    assert estimate_tuning(read_settings(0), False) == []


def test_where_nothing_was_trained_yet_the_time_is_not_known():
    said = (
        "tuning: 12 trials of each scenario in each of 10 folds; how long that takes is told as "
        "soon as the first runs have begun"
    )
    assert estimate_tuning(read_settings(12, repeats=2), False) == [said]
    # Nor where a scenario lacks.
    write_seconds(baseline_cnn=[1.0], feature_extraction=[1.0])
    assert estimate_tuning(read_settings(12, repeats=2), False) == [said]


def test_a_division_that_comes_with_the_images_is_one_fold():
    write_seconds(**{name: [60.0] for name in SCENARIOS})
    [told] = estimate_tuning(read_settings(12, repeats=2), True)
    assert told.startswith("tuning: 12 trials of each scenario; at most,")
    assert told.endswith("baseline_cnn 12 min, feature_extraction 12 min, fine_tuning 12 min")


def test_only_a_repository_that_git_opens_needs_a_commit(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    with pytest.raises(InputError, match="no commit yet"):
        check_commit()
    # Another user's, which git will not open.
    config = tmp_path / ".git/config"
    config.write_text("[core]\n\trepositoryformatversion = 99\n")
    check_commit()
    monkeypatch.setenv("PATH", "")
    check_commit()


def test_the_time_is_that_of_the_last_runs_for_each_trial_of_each_fold():
    write_seconds(baseline_cnn=[10.0, 20.0, 60.0], feature_extraction=[0.5], fine_tuning=[60, 120])
    assert estimate_tuning(read_settings(12), False) == [
        # 60 trials, of 30 seconds, a half, and 90.
        "tuning: 12 trials of each scenario in each of 5 folds; at most, if a trial takes as long "
        "as the last runs: baseline_cnn 30 min, feature_extraction 30 s, fine_tuning 1 h 30 min"
    ]


def test_folds_that_are_searched_side_by_side_share_the_time():
    write_seconds(**{name: [60.0] for name in SCENARIOS})
    cores = os.cpu_count()
    # A minute for each of ten trials, of as many folds after one another.
    for folds, threads, times in [(1, 1, 1), (cores, 1, 1), (3 * cores, 1, 3), (4, cores, 4)]:
        [told] = estimate_tuning(read_settings(10, folds, threads=threads), False)
        minutes = f"{10 * times} min"
        assert told.endswith(
            f"baseline_cnn {minutes}, feature_extraction {minutes}, fine_tuning {minutes}"
        )


def test_as_many_at_a_time_as_params_yaml_asks_for():
    write_seconds(**{name: [60.0] for name in SCENARIOS})
    settings = read_settings(10, folds=6).replace({"execution.workers": 3})
    [told] = estimate_tuning(settings, False)
    assert told.endswith("baseline_cnn 20 min, feature_extraction 20 min, fine_tuning 20 min")
