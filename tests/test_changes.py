"""What runs again, and what does not, where settings and code change."""

import json
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks.checkout import change_params
from tests.conftest import CLASSES
from tests.small_project import changed_params, hash_folder, hash_outputs, list_stages_run, run
from threeway.artefacts import RUNS
from threeway.run import Run
from threeway.scenarios import SCENARIOS

pytestmark = pytest.mark.slow


def test_while_test_is_not_looked_at_nothing_of_it_is_predicted(clone):
    few = {"refit": {"scenario": "baseline_cnn"}, "export": {"formats": ["float32"]}}
    change_params(clone, {"evaluation": {"split": "val"}} | few)
    ran = list_stages_run(run(clone, "dvc", "repro"))
    assert not {"baseline_cnn", "features", "feature_extraction", "fine_tuning"} & set(ran)
    predictions = [path.read_text() for path in (clone / "metrics").glob("*/predictions.csv")]
    assert len(predictions) == 3
    assert not any(",test," in text for text in predictions)
    comparison = json.loads((clone / "metrics/comparison.json").read_text())
    assert comparison["split"] == "val"
    summary = json.loads((clone / "metrics/summary.json").read_text())
    assert summary["split"] == "val"
    for name, row in comparison["scenarios"].items():
        table = pd.read_csv(clone / "metrics" / name / "predictions.csv")
        called = table[[f"p({kind})" for kind in CLASSES]].idxmax(axis=1).str[2:-1]
        assert summary[name] == row["accuracy"] == pytest.approx((called == table["actual"]).mean())
    told = (clone / "metrics/comparison.md").read_text()
    assert "No network was judged by the test images of its fold" in told
    marks = pd.read_csv(clone / "metrics/formats.csv")
    validated = pd.read_csv(clone / "metrics/fine_tuning/predictions.csv")
    assert {*marks["image"]} == {*validated["image"]}
    assert "it flatters" in (clone / "data/model/MODEL_CARD.md").read_text()
    assert not (clone / "data/pipeline/refit/fine_tuning").exists()


def test_another_resolution_is_no_run_that_dvc_remembers(clone):
    """DVC's cache of runs forgets keys called "size" and "nfiles", and takes one for the other."""
    change_params(clone, {"image": {"resolution": 40}})
    assert "preprocess" in list_stages_run(run(clone, "dvc", "repro", "preprocess"))
    assert np.load(clone / "data/pipeline/images.npy", mmap_mode="r").shape[1] == 40


def test_an_experiment_in_a_copy_finds_the_images_that_git_ignores(project, tmp_path):
    clone = tmp_path / "clone"
    run(project, "git", "clone", "-q", str(project), str(clone))
    shutil.copytree(clone / "shapes", clone / "data/photos")
    change_params(clone, {"data": {"source": "data/photos"}})
    run(clone, "git", "commit", "-qam", "photos that git ignores")
    before = (clone / "params.yaml").read_bytes()
    # Where the images are found all that follows is as ever.
    output = run(clone, "dvc", "exp", "run", "--temp", "-S", "image.resolution=40", "preprocess")
    assert "Ran experiment" in output
    assert "preprocess" in list_stages_run(output)
    assert (clone / "params.yaml").read_bytes() == before
    assert not run(clone, "git", "status", "--porcelain")


def test_what_is_not_asked_for_costs_nothing(clone):
    change_params(clone, {"refit": {"scenario": "none"}, "export": {"formats": []}})
    output = run(clone, "dvc", "repro")
    assert not {*SCENARIOS, "features", "evaluate", "cost"} & {*list_stages_run(output)}
    assert [*(clone / "data/model").iterdir()] == [*(clone / "data/device").iterdir()] == []
    assert "On a small device" not in (clone / "plots/report.html").read_text()
    printed = run(clone, sys.executable, "-m", "stages.predict", "shapes", fails=True)
    assert "error: there is no model at data/model/model.tflite; run 'dvc repro refit'" in printed


def test_a_typo_stops_before_any_work(project):
    before = hash_outputs(project)
    with changed_params(project, {"training": {"batch_sise": 8}, "image": {"resolution": 40}}):
        output = run(project, "dvc", "repro", fails=True)
    assert list_stages_run(output) == ["check"]
    assert "training.batch_sise: unknown key; did you mean 'training.batch_size'?" in output
    assert "Traceback" not in output
    with changed_params(project, {"data": {"source": "shape"}}):
        output = run(project, "dvc", "repro", fails=True)
    assert "data.source: there is nothing at 'shape'; set it to a folder" in output
    assert list_stages_run(run(project, "dvc", "repro")) == ["check"]
    assert hash_outputs(project) == before


def test_another_division_decodes_and_embeds_nothing_again(project, clone):
    change_params(clone, {"data": {"seed": 7}})
    assert list_stages_run(run(clone, "dvc", "repro", "features")) == ["check"]
    assert list_stages_run(run(clone, "dvc", "repro", "split")) == ["check", "split"]
    would_run = set(list_stages_run(run(clone, "dvc", "repro", "--dry")))
    assert would_run >= {*SCENARIOS, "samples", "track"}
    assert not would_run & {"inspect", "preprocess", "features"}
    divisions = [pd.read_csv(root / "data/pipeline/split.csv") for root in (project, clone)]
    assert (divisions[0]["split"] != divisions[1]["split"]).any()
    assert divisions[0]["path"].equals(divisions[1]["path"])


def test_other_words_counts_costs_and_pictures_make_nothing_train_again(clone):
    package = clone / "threeway"
    touched = [package / f"{name}.py" for name in ("artefacts", "errors", "progress", "settings")]
    touched += [package / f"intake/{name}.py" for name in ("accounting", "describing", "foreign")]
    touched += [package / "model/cost.py", package / "model/machine.py"]
    touched += [package / f"execution/{name}.py" for name in ("kept", "mapping", "workers")]
    for room in ("beside", "evidence", "papers", "reading"):
        touched += [path for path in (package / room).iterdir() if path.suffix in (".py", ".html")]
    for path in touched:
        with path.open("a") as file:
            file.write("\n")
    would_run = list_stages_run(run(clone, "dvc", "repro", "--dry"))
    assert {*would_run} == {
        "check", "split", "cost", "track", "compare", "trust", "draw", "samples", "gallery",
        "audit", "refit", "report",
    }  # fmt: skip


def test_a_seed_more_trains_the_new_runs_alone(project, clone):
    change_params(clone, {"training": {"seeds": [1, 2]}, "execution": {"workers": 2}})
    output = run(clone, "dvc", "repro", "baseline_cnn", "fine_tuning")
    # Trials are as many; the first seed's runs are among them.
    assert output.count("6 of 8 runs were finished before") == 3
    assert output.count("2 runs at a time; data/pipeline/logs/") == 3
    assert re.findall(r"(fold-\d-seed-\d): kept epoch", output) == 3 * [
        "fold-1-seed-2",
        "fold-2-seed-2",
    ]
    log = clone / "data/pipeline/logs/baseline_cnn/fold-2-seed-2.log"
    assert log.read_text().startswith("1: val accuracy ")
    for scenario in SCENARIOS:
        for folder in (Run(scenario, fold, 1).folder for fold in (1, 2)):
            assert hash_folder(clone / folder) == hash_folder(project / folder)
    # Back at one, nothing is trained at all, DVC's own memory or not.
    change_params(clone, {"training": {"seeds": [1]}})
    output = run(clone, "dvc", "repro", "--no-run-cache", "baseline_cnn")
    assert "6 of 6 runs were finished before" in output
    folders = [root / RUNS / "baseline_cnn" for root in (clone, project)]
    assert hash_folder(folders[0]) == hash_folder(folders[1])


def test_another_number_of_workers_runs_nothing_again(clone):
    change_params(clone, {"execution": {"workers": 7}})
    assert list_stages_run(run(clone, "dvc", "repro")) == ["check"]
    assert "workers" not in (clone / "plots/report.html").read_text()


def test_the_heads_learning_rate_touches_neither_cnn_nor_backbone(clone):
    change_params(clone, {"feature_extraction": {"learning_rate": 0.003}})
    ran = list_stages_run(run(clone, "dvc", "repro", "baseline_cnn", "fine_tuning"))
    trained = [
        name
        for name in ran
        if name in ("features", "baseline_cnn", "feature_extraction", "fine_tuning")
    ]
    assert trained == ["feature_extraction", "fine_tuning"]
