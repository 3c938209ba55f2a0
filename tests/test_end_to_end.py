"""The real commands on a small generated set: what a user does, from images to the table."""

import json
import re
import shutil
import sys
import zipfile
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import classification_report, log_loss

from benchmarks.checkout import change_params
from tests.conftest import CLASSES
from tests.small_project import (
    changed_params,
    hash_folder,
    hash_outputs,
    list_changed,
    list_stages_run,
    run,
)
from threeway.artefacts import (
    FEATURES,
    GROUPS,
    IMAGES,
    INDEX,
    KEPT,
    LEARNING_CURVE,
    REJECTED,
    RUNS,
    TRIALS,
)
from threeway.run import Run
from threeway.scenarios import SCENARIOS

pytestmark = pytest.mark.slow

# Answers what a run was validated with, whole networks at a time, as stages.evaluate does.
ANSWER = """
import sys
from threeway.artefacts import IMAGES
from threeway.examples.arrays import Rows
from threeway.examples.dataset import read_dataset
from threeway.model.saved import Loader
from threeway.networks.inference import predict
from threeway.predictions import tabulate, write_predictions
from threeway.run import MODEL, Run
from threeway.runtime import pin_threads

pin_threads(2)
for scenario in sys.argv[1:]:
    run = Run(scenario, 2, 1)
    apply, card = Loader().load(run.folder / MODEL)
    val = read_dataset(run.fold).select(Rows(IMAGES), "val")
    rows = tabulate(run, "val", val.paths, val.labels, predict(apply, val.inputs), card.classes)
    write_predictions(run.folder / "again.csv", [rows])
"""


def test_every_image_is_accounted_for(project):
    index = pd.read_csv(project / "data/pipeline/index.csv")
    rejected = pd.read_csv(project / "data/pipeline/rejected.csv")
    files = {
        p.relative_to(project / "shapes").as_posix() for p in (project / "shapes").rglob("*.*")
    }
    assert set(index["path"]) | set(rejected["path"]) == files
    assert not set(index["path"]) & set(rejected["path"])
    split = pd.read_csv(project / "data/pipeline/split.csv")
    tested = split.loc[split["split"] == "test", "path"]
    assert sorted(tested) == sorted(index["path"])
    assert dict(zip(rejected["path"], rejected["reason"], strict=True)) == {
        "cross/cross-01.png": "copies under different classes: cross, stripe",
        "cross/notes.jpg": "not an image that is read (JPEG, PNG, BMP, GIF, WebP, AVIF, HEIC)",
        "stripe/mislabelled.bmp": "copies under different classes: cross, stripe",
    }
    copies = split[split["path"].isin(["circle/larger.png", "circle/circle-00.png"])]
    assert (copies.groupby("fold")["split"].nunique() == 1).all()


def test_the_table_comes_from_the_predictions(project):
    """Computed again by scikit-learn, from nothing but predictions.csv."""
    found = json.loads((project / "metrics/comparison.json").read_text())["scenarios"]
    assert tuple(found) == SCENARIOS
    for scenario, row in found.items():
        table = pd.read_csv(project / "metrics" / scenario / "predictions.csv")
        columns = [f"p({name})" for name in CLASSES]
        reports, losses = [], []
        for _, rows in table[table["split"] == "test"].groupby("seed"):
            called = rows[columns].idxmax(axis=1).str[2:-1]
            reports.append(
                classification_report(rows["actual"], called, output_dict=True, zero_division=0)
            )
            shares = rows[columns].div(rows[columns].sum(axis=1), axis=0)
            losses.append(log_loss(rows["actual"], shares, labels=list(CLASSES)))
        assert row["seeds"] == len(reports) == 1
        assert row["log_loss"] == pytest.approx(np.mean(losses))
        assert row["accuracy"] == pytest.approx(np.mean([r["accuracy"] for r in reports]))
        for average, metric in product(("macro", "weighted"), ("precision", "recall", "f1")):
            name = "f1-score" if metric == "f1" else metric
            values = [report[f"{average} avg"][name] for report in reports]
            assert row[f"{average}_{metric}"] == pytest.approx(np.mean(values))


def test_no_model_depends_on_the_labels_of_test(project, clone):
    path = clone / "data/pipeline/index.csv"
    index = pd.read_csv(path)
    division = pd.read_csv(clone / "data/pipeline/split.csv")
    division = division[(division["fold"] == 1) & (division["split"] == "test")]
    test = index["path"].isin(division["path"])
    index.loc[test, "class"] = index.loc[test, "class"].map(
        dict(zip(CLASSES, [*CLASSES[1:], CLASSES[0]], strict=True))
    )
    path.chmod(0o644)
    index.to_csv(path, index=False)
    shutil.rmtree(clone / KEPT)
    for scenario in SCENARIOS:
        shutil.rmtree(clone / RUNS / scenario)
        shutil.rmtree(clone / TRIALS / scenario)
        run(clone, sys.executable, "-m", f"stages.{scenario}")
        # What is tried depends on them no more than what is trained.
        trials = [pd.read_csv(root / TRIALS / scenario / "trials.csv") for root in (project, clone)]
        before, after = (table[table["fold"] == 1] for table in trials)
        assert len(after) == 2
        assert after.equals(before)
        # In the second fold these images are trained on.
        folder = Run(scenario, 1, 1).folder
        assert hash_folder(clone / folder) == hash_folder(project / folder)
        assert set(pd.read_csv(clone / folder / "predictions.csv")["split"]) == {"val"}
    shutil.rmtree(clone / LEARNING_CURVE)
    run(clone, sys.executable, "-m", "stages.learning_curve")
    place = LEARNING_CURVE / "feature_extraction/fold-1-seed-1-share-0.5"
    assert hash_folder(clone / place) == hash_folder(project / place)
    # The labels do reach what scores the finished models.
    run(clone, sys.executable, "-m", "stages.evaluate")
    for scenario in SCENARIOS:
        old, new = (
            pd.read_csv(root / f"data/pipeline/test/{scenario}.csv") for root in (project, clone)
        )
        old, new = (table[table["fold"] == 1] for table in (old, new))
        assert not old["actual"].equals(new["actual"])
        assert old.drop(columns="actual").equals(new.drop(columns="actual"))


def test_photographs_laid_where_the_pipeline_writes_stop_it_and_stay(clone):
    photograph = clone / "data/pipeline/runs/cat.jpg"
    photograph.write_bytes(b"a photograph")
    change_params(clone, {"image": {"resolution": 40}})
    output = run(clone, "dvc", "repro", fails=True)
    assert list_stages_run(output) == ["check"]
    assert "error: 'data/pipeline/runs/cat.jpg' is not the pipeline's" in output
    assert photograph.read_bytes() == b"a photograph"


def test_dvc_follows_what_was_run(project):
    assert list_stages_run(run(project, "dvc", "repro")) == ["check"]
    assert not run(project, "git", "status", "--porcelain")
    shown = run(project, "dvc", "metrics", "show")
    assert len(shown.strip().splitlines()) == 2
    assert "fine_tuning" in shown
    assert run(project, "dvc", "metrics", "diff").strip() == ""
    run(project, "dvc", "plots", "show")
    page = (project / "dvc_plots/index.html").read_text()
    assert 'src="http' not in page
    assert "vegaEmbed" in page


def test_the_end_shows_verdict_report_and_next_steps(project):
    shown = run(project, sys.executable, "-m", "stages.show")
    assert (project / "metrics/comparison.md").read_text() in shown
    assert "plots/report.html" in shown
    assert "python -m stages.predict" in shown or "samples.png" in shown
    assert "other settings" not in shown
    with changed_params(project, {"fine_tuning": {"epochs": 7}}):
        shown = run(project, sys.executable, "-m", "stages.show")
    assert "These figures are of other settings (fine_tuning.epochs): run 'dvc repro'." in shown


def test_a_fresh_clone_makes_the_same_table_with_nothing_trained(project, tmp_path):
    clone = tmp_path / "clone"
    run(project, "git", "clone", "-q", str(project), str(clone))
    before = {path: h for path, h in hash_outputs(clone).items() if "metrics/" in path}
    output = run(clone, "dvc", "repro", "--single-item", "--force", "compare")
    assert list_stages_run(output) == ["compare"]
    run(clone, sys.executable, "-m", "stages.report")
    pages = [(folder / "plots/report.html").read_text() for folder in (clone, project)]
    # What shows the images is not in git; all else is the same page.
    pictures = r"<figure[^>]*>\s*<img[^>]*>\s*<figcaption>[^<]*</figcaption>\s*</figure>"
    missing = r'<p class="quiet">plots/\w+\.png is not here[^\n]*</p>'
    assert [len(re.findall(missing, page)) for page in pages] == [3, 0]
    bare = [re.sub(rf"{pictures}|{missing}", "", page).split() for page in pages]
    assert bare[0] == bare[1]
    assert {path: h for path, h in hash_outputs(clone).items() if "metrics/" in path} == before
    assert not run(clone, "git", "status", "--porcelain")


def test_a_whole_network_answers_as_its_run_did(clone):
    """Which takes it in parts: from features, and from what the frozen layers made of images."""
    run(clone, sys.executable, "-c", ANSWER, *SCENARIOS)
    columns = [f"p({name})" for name in CLASSES]
    for scenario in SCENARIOS:
        folder = clone / Run(scenario, 2, 1).folder
        own, again = (pd.read_csv(folder / name) for name in ("predictions.csv", "again.csv"))
        assert again["image"].equals(own["image"])
        assert again[columns].to_numpy() == pytest.approx(own[columns].to_numpy(), abs=0.001)


def test_the_model_to_take_home_is_trained_on_all_images_and_says_what_to_expect(project):
    index = pd.read_csv(project / "data/pipeline/index.csv")
    card = json.loads((project / "data/model/card.json").read_text())
    names = ("comparison", "trust")
    evidence, trust = (json.loads((project / f"metrics/{name}.json").read_text()) for name in names)
    assert card["scenario"] == "fine_tuning"
    assert card["num_train"] + card["num_val"] == len(index)
    assert card["expected"]["accuracy"] == evidence["scenarios"]["fine_tuning"]["accuracy"]
    assert card["temperature"] == trust["calibrations"]["fine_tuning"]["temperature"]
    # It was tuned, as the runs of each fold were.
    tuned = project / "data/pipeline/refit"
    assert {path.name for path in tuned.glob("*/*")} == {"fold-0-seed-1"}
    assert {path.name for path in tuned.iterdir()} == {"feature_extraction", "fine_tuning"}
    assert not [*(project / TRIALS).glob("*/as_written/fold-0-*")]
    for name in ("float32", "int8"):
        with zipfile.ZipFile(project / f"data/device/{name}.tflite") as attached:
            assert json.loads(attached.read("card.json")) == card
    images = sorted(path.relative_to(project) for path in (project / "shapes/circle").iterdir())
    printed = run(project, sys.executable, "-m", "stages.predict", *map(str, images))
    accuracy = 100 * card["expected"]["accuracy"]
    assert f"of images like those expect {accuracy:.1f} % to be right" in printed
    told = [line.split("\t") for line in printed.splitlines() if "\t" in line]
    assert [path for path, *_ in told] == [str(path) for path in images]
    assert {name for _, name, *_ in told} <= {*CLASSES}


def test_formats_are_measured_on_the_images_of_each_fold(project):
    table = pd.read_csv(project / "metrics/formats.csv")
    index = pd.read_csv(project / "data/pipeline/index.csv")
    devices = json.loads((project / "metrics/cost.json").read_text())
    for scenario in SCENARIOS:
        rows = table[table["scenario"] == scenario]
        assert sorted(rows["image"]) == sorted(index["path"])
        assert (rows["float32_change"] <= 1e-4).all()
        assert (rows["int8_change"] > 1e-4).any()
        own = pd.read_csv(project / f"metrics/{scenario}/predictions.csv")
        own = own[(own["split"] == "test") & (own["seed"] == 1)].set_index("image")
        called = own[[f"p({name})" for name in CLASSES]].idxmax(axis=1).str[2:-1]
        right = (called == own["actual"]).loc[rows["image"]].astype(int)
        assert rows["keras"].tolist() == right.tolist()
        assert {*devices[scenario]["devices"]} == {"float32", "int8"}


def test_the_machines_of_a_cluster_leave_the_same_files(project, clone):
    utilities = pytest.importorskip("ray.cluster_utils", reason="requirements-cluster.txt")
    shutil.rmtree(clone / KEPT)
    head = {"num_cpus": 2, "include_dashboard": False}
    cluster = utilities.Cluster(initialize_head=True, head_node_args=head)
    try:
        cluster.add_node(num_cpus=2)
        change_params(clone, {"execution": {"cluster": cluster.address}})
        stages = ["inspect", "preprocess", "features", *SCENARIOS]
        output = run(clone, "dvc", "repro", "--single-item", "--force", *stages)
    finally:
        cluster.shutdown()
    assert output.count("2 runs on the machines of a Ray cluster") == len(SCENARIOS)
    for place in (RUNS, TRIALS):
        assert hash_folder(clone / place) == hash_folder(project / place)
    for path in (INDEX, GROUPS, REJECTED, IMAGES, FEATURES):
        assert (clone / path).read_bytes() == (project / path).read_bytes()


def test_a_second_run_gives_the_same_bits_in_any_number_of_processes(clone):
    before = hash_outputs(clone)
    assert "MB removed" in run(clone, sys.executable, "-m", "stages.forget")
    change_params(clone, {"execution": {"workers": 3}})
    output = run(clone, "dvc", "repro", "--force")
    # One a fold: of each scenario, and on shares of the images.
    assert output.count("2 runs at a time") == len(SCENARIOS) + 1
    assert "were finished before" not in output
    after = hash_outputs(clone)
    assert before.keys() == after.keys()
    assert list_changed(before, after) == []
