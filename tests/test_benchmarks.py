"""Benchmarks that can be tried in seconds do what they say."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import bursts, compare, divisions, forecasts, readme, speed
from benchmarks.checkout import ROOT, change_params
from tests.conftest import CLASSES, read_data
from threeway.artefacts import GROUPS, INDEX, SPLIT, TEST
from threeway.predictions import tabulate, write_predictions
from threeway.records import write_csv
from threeway.run import Run
from threeway.scenarios import SCENARIOS

PAIRS = [("feature_extraction", "baseline_cnn"), ("fine_tuning", "baseline_cnn")]


def make_comparison(accuracy: float, lows: tuple[float, float], choice: str | None) -> dict:
    """Makes what is read of a comparison.json; intervals are 0.1 wide."""
    return {
        "scenarios": {key: {"images": 200, "accuracy": accuracy} for key in SCENARIOS},
        "differences": [
            {"first": a, "second": b, "difference": low + 0.05, "low": low, "high": low + 0.1}
            for (a, b), low in zip(PAIRS, lows, strict=True)
        ],
        "verdict": {"choice": choice},
    }


@pytest.fixture
def runs() -> pd.DataFrame:
    comparisons = [
        make_comparison(0.5, (0.01, 0.02), "fine_tuning"),
        make_comparison(0.625, (-0.2, 0.03), "baseline_cnn"),
        make_comparison(0.75, (-0.05, 0.04), None),
    ]
    return pd.DataFrame(
        [{"images": "x", "division": "five folds"} | divisions.summarise(c) for c in comparisons]
    )


def test_two_that_tell_each_otherwise_contradict_each_other(runs):
    pairs = [f"{first} - {second}" for first, second in PAIRS]
    # One better, one worse, one that does not tell.
    assert divisions.count_contradictions(runs, pairs) == 1
    assert divisions.count_contradictions(runs, pairs[1:]) == 0


def test_a_row_says_how_far_figures_move_between_divisions(runs):
    (row,) = divisions.tabulate(runs).to_dict("records")
    assert row == {
        "images": "x",
        "division": "five folds",
        "tested": "200",
        "an accuracy moves by, points": "25.0, at most 25.0",
        "a difference moves by, points": "11.5, at most 21.0",
        "its interval is wide, points": "10.0",
        "pairs told": "5 of 6",
        "told otherwise": "1",
        "use": "fine_tuning, baseline_cnn, none",
    }


def test_what_compare_is_timed_on_is_what_stages_leave(capsys):
    compare.main(num_classes=3, images=60, folds=2)
    assert capsys.readouterr().out.startswith("3 classes, 60 images, 2 folds: ")


def test_bursts_are_measured_on_what_is_not_rejected(class_folders, monkeypatch):
    # Rejected, and of a class all the same.
    (class_folders / "circle" / "two\rlines.png").write_text("no image")
    (class_folders / "notes.txt").write_text("no class")
    # Frames that can be cut out of 40 pixels.
    monkeypatch.setattr(bursts, "SMALLEST", 40)
    monkeypatch.setattr(bursts, "MARGIN", 4)
    moved, counts = bursts.measure(str(class_folders), read_data(table="labels.csv"))
    assert [row["frames differ by"] for row in moved] == list(bursts.KINDS)
    assert {row["images"] for row in moved} == {"shapes"}
    assert [row["class"] for row in counts] == [*CLASSES, "two classes"]
    # Nothing moved: all three frames are one.
    (still,) = (row for row in moved if row["frames differ by"] == "JPEG quality 70")
    assert still["the rule"] == "100 / 100"


def test_answers_of_heads_say_which_images_belong_together(tmp_path: Path):
    paths, labels = np.array(["a", "b", "c"]), np.array([0, 0, 1])
    write_csv(tmp_path / GROUPS, pd.DataFrame({"path": paths, "group": ["NA", "x", "NA"]}))
    answers = tabulate(
        Run(forecasts.HEADS, 1, 1), "test", paths, labels, np.eye(2)[labels], ["p", "q"]
    )
    write_predictions(tmp_path / TEST / f"{forecasts.HEADS}.csv", [answers])
    assert list(forecasts.read_answers(tmp_path).groups) == ["NA", "x", "NA"]


def test_of_findings_the_readme_shows_what_is_said_of_pairs():
    pairs = [
        "- fine_tuning is better than baseline_cnn, by 9.0 points (7.0 to 11.0; p = 0.01).",
        "- Which of fine_tuning and baseline_cnn is better cannot be told: 1.0 points.",
        "- fine_tuning is at most 1.9 points ahead of baseline_cnn: less than 2 points.",
    ]
    others = ["- What more training images would bring to baseline_cnn cannot be told: it falls."]
    text = "\n\n".join(["headline", "table", "\n".join([*pairs, *others]), "notes"])
    assert readme.summarise_findings(text).splitlines()[-3:] == pairs


def test_findings_in_words_that_the_readme_does_not_know_are_an_error():
    text = "\n\n".join(["headline", "table", "- One wins.", "notes", "paper", "published"])
    with pytest.raises(ValueError, match=r"found '- One wins\.', expected one for each pair"):
        readme.summarise_paper(text)


def test_a_rival_does_the_first_of_the_folds_that_are_tested(class_folders, tmp_path):
    project = tmp_path / "project"
    paths = sorted(path.relative_to(class_folders) for path in class_folders.rglob("*.png"))
    index = pd.DataFrame({"path": map(str, paths), "class": [path.parts[0] for path in paths]})
    write_csv(project / INDEX, index)
    # Fold 0 is for the model to take home.
    splits = {0: ("train", "val", "val"), 1: ("train", "val", "test"), 2: ("test", "train", "val")}
    folds = [index.assign(fold=fold, split=splits[fold] * 6) for fold in splits]
    write_csv(project / SPLIT, pd.concat(folds)[["path", "fold", "split"]])
    shutil.copyfile(ROOT / "params.yaml", project / "params.yaml")
    change_params(project, {"data": {"source": str(class_folders)}})
    found = speed.lay_out(project)
    assert found.num_folds == 2
    assert found.num_images == {"train": 6, "val": 6, "test": 6}
    assert len([*found.folder.glob("test/*/*.png")]) == 6
