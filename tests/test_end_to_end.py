"""The real commands on a small generated set: what a user does, from images to the table."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from sklearn.metrics import classification_report, log_loss

from benchmarks.checkout import ENVIRONMENT, change_params, copy_working_tree
from tests.conftest import CLASSES, draw_image, write_class_folders
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
from threeway.records import digest_file
from threeway.run import Run
from threeway.scenarios import SCENARIOS

pytestmark = pytest.mark.slow

TUTORIAL = Path(__file__).parents[1] / "docs/tutorial.md"
SMALL = {
    "data": {"source": "shapes", "folds": 2, "fractions": {"train": 0.6, "val": 0.2, "test": 0.2}},
    "image": {"resolution": 32},
    "backbone": {"weights": "random"},
    "features": {"views": 1},
    "training": {"seeds": [1], "batch_size": 8},
    "baseline_cnn": {"filters": [4, 8], "dense_units": 8, "epochs": 2},
    "feature_extraction": {"epochs": 2},
    "fine_tuning": {"unfreeze_from": "block_16_project", "epochs": 2, "views": 1},
    "tuning": {
        "trials": 2,
        "baseline_cnn": {"learning_rate": [0.001, 0.003], "dropout": [0.5], "dense_units": [8, 9]},
        "fine_tuning": {
            "learning_rate": {"low": 0.00001, "high": 0.001},
            "unfreeze_from": ["block_16_project"],
        },
    },
    "learning_curve": {"shares": [0.5], "scenarios": ["feature_extraction"]},
    "refit": {"scenario": "fine_tuning"},
    "export": {"formats": ["float32", "int8"]},
}
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


def run(project: Path, *command: str, fails: bool = False) -> str:
    """Runs a command in a project and returns what it printed."""
    result = subprocess.run(
        command, cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    output = result.stdout + result.stderr
    assert bool(result.returncode) == fails, output
    return output


def list_stages_run(output: str) -> list[str]:
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def read_stages(project: Path) -> dict[str, dict]:
    return YAML(typ="safe").load(project / "dvc.yaml")["stages"]


def list_outputs(project: Path, stage: str) -> list[str]:
    """Lists the declared outputs of a stage."""
    content = read_stages(project)[stage]
    outs = [out for kind in ("outs", "metrics", "plots") for out in content.get(kind, [])]
    return [out if isinstance(out, str) else next(iter(out)) for out in outs]


def hash_outputs(project: Path) -> dict[str, str]:
    """Hashes every declared output, file by file."""
    hashes = {}
    for stage in read_stages(project):
        for out in list_outputs(project, stage):
            if (project / out).is_file():
                hashes[out] = digest_file(project / out)
            else:
                inside = hash_folder(project / out)
                hashes |= {f"{out}/{name}": digest for name, digest in inside.items()}
    return hashes


def hash_folder(folder: Path) -> dict[str, str]:
    """Hashes what a folder holds, by path below it; but for what DVC keeps there for git."""
    return {
        file.relative_to(folder).as_posix(): digest_file(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".gitignore"
    }


@contextmanager
def changed_params(project: Path, change: dict) -> Iterator[None]:
    """Edits params.yaml and takes it back."""
    original = (project / "params.yaml").read_text()
    change_params(project, change)
    try:
        yield
    finally:
        (project / "params.yaml").write_text(original)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the working tree with a small image set, run once and committed."""
    project = tmp_path_factory.mktemp("project")
    copy_working_tree(project)
    shapes = write_class_folders(project / "shapes", per_class=12)
    # A copy of an image under its own label, one under another, and a file that is no image.
    draw_image("circle", 0).resize((80, 80)).save(shapes / "circle" / "larger.png")
    draw_image("cross", 1).save(shapes / "stripe" / "mislabelled.bmp")
    (shapes / "cross" / "notes.jpg").write_text("no image")
    change_params(project, SMALL)
    run(project, "git", "add", ".")
    run(project, "git", "commit", "-qm", "images")
    output = run(project, "dvc", "repro")
    assert "fine_tuning" in output
    run(project, "git", "add", ".")
    run(project, "git", "commit", "-qm", "results")
    return project


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
        "cross/notes.jpg": "not an image (JPEG, PNG, BMP, GIF, WebP, AVIF, HEIC)",
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
        for _, run in table[table["split"] == "test"].groupby("seed"):
            called = run[columns].idxmax(axis=1).str[2:-1]
            reports.append(
                classification_report(run["actual"], called, output_dict=True, zero_division=0)
            )
            shares = run[columns].div(run[columns].sum(axis=1), axis=0)
            losses.append(log_loss(run["actual"], shares, labels=list(CLASSES)))
        assert row["seeds"] == len(reports) == 1
        assert row["log_loss"] == pytest.approx(np.mean(losses))
        assert row["accuracy"] == pytest.approx(np.mean([r["accuracy"] for r in reports]))
        for average, metric in product(("macro", "weighted"), ("precision", "recall", "f1")):
            name = "f1-score" if metric == "f1" else metric
            values = [report[f"{average} avg"][name] for report in reports]
            assert row[f"{average}_{metric}"] == pytest.approx(np.mean(values))


def test_no_model_depends_on_the_labels_of_test(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_while_test_is_not_looked_at_nothing_of_it_is_predicted(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_photographs_laid_where_the_pipeline_writes_stop_it_and_stay(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
    photograph = clone / "data/pipeline/runs/cat.jpg"
    photograph.write_bytes(b"a photograph")
    change_params(clone, {"image": {"resolution": 40}})
    output = run(clone, "dvc", "repro", fails=True)
    assert list_stages_run(output) == ["check"]
    assert "error: 'data/pipeline/runs/cat.jpg' is not the pipeline's" in output
    assert photograph.read_bytes() == b"a photograph"


def test_another_resolution_is_no_run_that_dvc_remembers(project, tmp_path):
    """DVC's cache of runs forgets keys called "size" and "nfiles", and takes one for the other."""
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_the_tutorial_runs_as_it_is_written(project, tmp_path):
    """Its blocks, one after another: edits of params.yaml, and commands."""
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
    # Of the images that the project is finished with, so that nothing is trained again.
    shutil.make_archive(str(clone / "data/clothing"), "zip", clone / "shapes")
    blocks = re.findall(r"```(sh|yaml)\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    outputs = []
    for language, text in blocks:
        if language == "yaml":
            change_params(clone, YAML(typ="safe").load(text))
        else:
            commands = text.replace("data/photos/clothing/shoes", "data/photos/circle")
            outputs.append(run(clone, "bash", "-ec", commands))
    assert len(outputs) == 8
    look, decision, margin, predicted, device = (outputs[i] for i in (1, 2, 4, 6, 7))
    assert "circle" in look
    assert list_stages_run(look) == ["check", "inspect", "preprocess"]
    assert not {*SCENARIOS, "features"} & {*list_stages_run(decision + margin)}
    assert "verdict.margin" in margin
    assert {path.suffix for path in (clone / "tables").iterdir()} == {".csv", ".md", ".tex"}
    answers = [line for line in device.splitlines() if line.startswith("data/photos/circle/")]
    assert len(answers) == len(list((clone / "data/photos/circle").iterdir())) == 13
    assert all(line.split("\t")[0] in predicted for line in answers)


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


def test_a_whole_network_answers_as_its_run_did(project, tmp_path):
    """Which takes it in parts: from features, and from what the frozen layers made of images."""
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_what_is_not_asked_for_costs_nothing(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_another_division_decodes_and_embeds_nothing_again(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
    change_params(clone, {"data": {"seed": 7}})
    assert list_stages_run(run(clone, "dvc", "repro", "features")) == ["check"]
    assert list_stages_run(run(clone, "dvc", "repro", "split")) == ["check", "split"]
    would_run = set(list_stages_run(run(clone, "dvc", "repro", "--dry")))
    assert would_run >= {*SCENARIOS, "samples", "track"}
    assert not would_run & {"inspect", "preprocess", "features"}
    divisions = [pd.read_csv(root / "data/pipeline/split.csv") for root in (project, clone)]
    assert (divisions[0]["split"] != divisions[1]["split"]).any()
    assert divisions[0]["path"].equals(divisions[1]["path"])


def test_other_words_counts_costs_and_pictures_make_nothing_train_again(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_a_seed_more_trains_the_new_runs_alone(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_the_machines_of_a_cluster_leave_the_same_files(project, tmp_path):
    utilities = pytest.importorskip("ray.cluster_utils", reason="requirements-cluster.txt")
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
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


def test_another_number_of_workers_runs_nothing_again(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
    change_params(clone, {"execution": {"workers": 7}})
    assert list_stages_run(run(clone, "dvc", "repro")) == ["check"]
    assert "workers" not in (clone / "plots/report.html").read_text()


def test_the_heads_learning_rate_touches_neither_cnn_nor_backbone(project, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, symlinks=True)
    change_params(clone, {"feature_extraction": {"learning_rate": 0.003}})
    ran = list_stages_run(run(clone, "dvc", "repro", "baseline_cnn", "fine_tuning"))
    trained = [
        name
        for name in ran
        if name in ("features", "baseline_cnn", "feature_extraction", "fine_tuning")
    ]
    assert trained == ["feature_extraction", "fine_tuning"]


def test_a_second_run_gives_the_same_bits_in_any_number_of_processes(project):
    """Last, since it trains everything again."""
    before = hash_outputs(project)
    assert "MB removed" in run(project, sys.executable, "-m", "stages.forget")
    change_params(project, {"execution": {"workers": 3}})
    output = run(project, "dvc", "repro", "--force")
    # One a fold: of each scenario, and on shares of the images.
    assert output.count("2 runs at a time") == len(SCENARIOS) + 1
    assert "were finished before" not in output
    after = hash_outputs(project)
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    costs = {name for name in before if name.startswith("data/pipeline/seconds/")}
    costs |= {"data/pipeline/cost/cost.json", "metrics/cost.json", "metrics/provenance.json"}
    costs |= {"data/pipeline/formats/devices.json"}
    # The report prints them.
    assert changed <= costs | {"plots/report.html"}
