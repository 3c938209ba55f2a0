"""A few of the faults of tests/faults.py, on the stages up to the first training."""

import random
import subprocess
from pathlib import Path

import pytest

from tests import faults
from tests.small_project import list_stages_run, run
from threeway.records import digest_file

pytestmark = pytest.mark.slow

WEIGHTS = "data/pipeline/runs/baseline_cnn/fold-1-seed-1/model/model.weights.h5"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> faults.Base:
    # `python -m tests.faults` does it with all stages, which takes as long as test_end_to_end.
    project = tmp_path_factory.mktemp("base") / "project"
    return faults.make_base(project, ("baseline_cnn", "audit"), {"training": {"seeds": [1]}})


def test_kills_and_ctrl_c_lose_nothing(base, tmp_path):
    project, rng = faults.copy_project(base, tmp_path), random.Random(0)
    faults.forget(project)
    killed, interrupted = faults.Outcome("kill"), faults.Outcome("ctrl_c")
    for stage in ("preprocess", "baseline_cnn"):
        faults.kill_in(stage, base, project, killed, rng)
    faults.interrupt_in("baseline_cnn", base, project, interrupted, rng)
    # A run that is quicker than the undisturbed one may end before the last signals come.
    assert killed.tries
    assert not [text for text in interrupted.happened if "ends after" in text]
    faults.finish(base, project, interrupted)
    assert killed.lost + interrupted.lost == []


def test_a_stage_that_is_killed_leaves_no_process_and_what_was_finished(base, tmp_path):
    outcome = faults.kill_stages(base, tmp_path, random.Random(0), 1, ("baseline_cnn",))
    assert outcome.tries == 1
    assert outcome.lost == []


def test_a_full_disk_is_named_and_loses_nothing(base):
    try:
        outcome = faults.fill_disk(base, Path(), random.Random(0), ("audit",))
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no file system can be mounted here; that takes root and Linux")
    assert outcome.lost == []
    assert outcome.tries
    assert not [text for text in outcome.happened if "TRACEBACK" in text]


def test_a_changed_result_is_noticed_and_made_again(base, tmp_path):
    project = faults.copy_project(base, tmp_path)
    runs, table = "data/pipeline/runs/baseline_cnn", "metrics/audit.csv"
    faults.damage(project / WEIGHTS, "one bit")
    faults.damage(project / table, "one bit")
    assert set(faults.list_modified(base, project)) == {runs, table}
    outcome = faults.Outcome("tampering")
    # The weights come from DVC's cache, with nothing trained.
    # Neither waits for the other, and DVC runs them in any order.
    assert sorted(faults.finish(base, project, outcome)) == ["audit", "check"]
    assert outcome.lost == []
    assert list_stages_run(run(project, "dvc", "repro", *base.targets)) == ["check"]


def test_a_cache_that_rots_is_noticed_by_who_reads_all_files_again(base, tmp_path):
    project = faults.copy_project(base, tmp_path)
    weights = project / WEIGHTS
    # The recipe as it is written may have been the best trial: its folder then has this file too.
    places, digest = ("runs/baseline_cnn", "trials/baseline_cnn"), digest_file(weights)
    holders = [
        f"data/pipeline/{place}"
        for place in places
        if digest in map(digest_file, (project / "data/pipeline" / place).rglob("*.h5"))
    ]
    assert holders[0] == "data/pipeline/runs/baseline_cnn"
    faults.damage(faults.find_in_cache(project, weights), "one bit")
    weights.unlink()
    # DVC trusts what is read-only in its cache.
    assert list_stages_run(run(project, "dvc", "repro", *base.targets)) == ["check"]
    assert faults.list_modified(base, project) == []
    assert sorted(faults.list_modified(base, project, reread=True)) == holders
