"""Comparisons stand in one table, and only what the same images show is called a difference."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dvc.repo.experiments.refs import ExpRefInfo
from ruamel.yaml import YAML

from benchmarks.checkout import ENVIRONMENT, ROOT
from threeway.beside.finished import Finished, list_differing, list_outdated, read_finished
from threeway.beside.places import Place, open_places
from threeway.beside.table import (
    check_splits,
    contrast_places,
    describe_pair,
    format_places,
    present_places,
    tabulate_places,
    warn_outdated,
)
from threeway.errors import InputError
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.predictions import tabulate, write_predictions
from threeway.reading.tables import format_interval
from threeway.run import Run
from threeway.scenarios import SCENARIOS

NUM_IMAGES = 40
IMAGES = [f"{'ab'[number % 2]}/{number:02d}.png" for number in range(NUM_IMAGES)]
PARAMS = {"data": {"source": "photos"}, "training": {"seeds": [1, 2]}}


def answer(*num_right: int, images: int = NUM_IMAGES) -> np.ndarray:
    """Makes answers of which the first num_right are right, one number a seed: (seeds, images)."""
    return np.array([np.arange(images) < number for number in num_right])


def write_comparison(
    folder: Path,
    right: dict[str, np.ndarray],
    images: list[str] = IMAGES,
    classes: tuple[str, ...] = ("a", "b"),
    params: dict = PARAMS,
    **about: object,
) -> Place:
    """Writes what is read of a finished comparison; an image's class is its folder.

    Args:
        folder: of the project.
        right: (seeds, images) bool, by scenario; those that are not named get the first's.
        images: paths.
        classes: class names.
        params: settings, in params.yaml and dvc.lock alike.
        about: split, of metrics/comparison.json, and digest, of metrics/data.json.
    """
    labels = np.array([classes.index(path.split("/")[0]) for path in images])
    paths = np.array(images, dtype=object)
    split = about.get("split", "test")
    for scenario in SCENARIOS:
        (folder / "metrics" / scenario).mkdir(parents=True)
        runs = right.get(scenario, next(iter(right.values())))
        tables = []
        for seed, correct in enumerate(runs):
            called = np.where(correct, labels, (labels + 1) % len(classes))
            answers = np.eye(len(classes))[called]
            tables.append(tabulate(Run(scenario, 1, seed), split, paths, labels, answers, classes))
        write_predictions(folder / "metrics" / scenario / "predictions.csv", tables)
    verdict = {"choice": "fine_tuning"}
    split = {"split": about["split"]} if "split" in about else {}
    (folder / "metrics/comparison.json").write_text(json.dumps({"verdict": verdict} | split))
    digest = {"digest": about["digest"]} if "digest" in about else {}
    (folder / "metrics/data.json").write_text(json.dumps({"images": 99} | digest))
    stages = {"baseline_cnn": {"params": {"params.yaml": params}}, "audit": {"cmd": "any"}}
    for name, content in (("params.yaml", params), ("dvc.lock", {"stages": stages})):
        YAML().dump(content, folder / name)
    return Place(folder.name, folder)


def finish(folder: Path, *num_right: int, **options) -> Finished:
    """Writes and reads a comparison whose scenarios all answer alike."""
    right = {SCENARIOS[0]: answer(*num_right, images=len(options.get("images", IMAGES)))}
    return read_finished(write_comparison(folder, right, **options))


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    found = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    return found.stdout.decode().strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "add", ".")
    git(folder, "commit", "-qm", message)
    return git(folder, "rev-parse", "HEAD")


def run_stage(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "stages.beside", *arguments],
        cwd=folder,
        env=ENVIRONMENT | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A repository with one finished comparison, tagged v1: 30 of 40 right; it is the folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q")
    write_comparison(folder, {SCENARIOS[0]: answer(30, 30)})
    commit(folder, "results")
    git(folder, "tag", "v1")
    monkeypatch.chdir(folder)
    return folder


def rewrite(folder: Path, *num_right: int, **options) -> None:
    """Finishes another comparison in the same folder."""
    for path in ("metrics", "params.yaml", "dvc.lock"):
        git(folder, "rm", "-rq", path)
    write_comparison(folder, {SCENARIOS[0]: answer(*num_right)}, **options)


def test_a_row_a_place_and_a_column_a_scenario(tmp_path):
    right = {"baseline_cnn": answer(20, 20), "fine_tuning": answer(30, 32)}
    first = read_finished(write_comparison(tmp_path / "one", right))
    other = finish(tmp_path / "two", 9, images=["a/1.png", *(f"c/{n}.png" for n in range(9))],
                   classes=("a", "b", "c"))  # fmt: skip
    table = tabulate_places([first, other], contrast_places([first, other]))
    assert table["accuracy"].tolist() == [0.5, 0.5, 0.775, 0.9, 0.9, 0.9]
    assert table["chosen"].tolist() == [False, False, True] * 2
    found = present_places(table)
    assert list(found) == ["place", "classes", "test images", "runs", *SCENARIOS]
    assert found.iloc[:, :4].to_numpy().tolist() == [
        ["one", "2", "40", "2"],
        ["two", "3", "10", "1"],
    ]
    interval = format_interval(*estimate_accuracy(first.predictions["fine_tuning"])[1:])
    assert found["fine_tuning"][0] == f"77.5 ({interval}) †"
    assert found["feature_extraction"][0].startswith("50.0 (")


def test_better_worse_and_neither_are_told_apart_on_the_same_images(tmp_path):
    first = read_finished(write_comparison(tmp_path / "old", {SCENARIOS[0]: answer(20, 20)}))
    # Three seeds beside two.
    runs = answer(36, 36, 36), answer(4, 4, 4), answer(21, 21, 21)
    right = dict(zip(SCENARIOS, runs, strict=True))
    other = read_finished(write_comparison(tmp_path / "new", right))
    contrasts = contrast_places([first, other])
    assert [pair.difference for pair in contrasts] == pytest.approx([0.4, -0.4, 0.025])
    lines = describe_pair(first, other, contrasts)
    assert lines[0] == "new beside old, on the same 40 test images:"
    assert lines[1].startswith("baseline_cnn: better than old, +40.0 points (95 % interval ")
    assert lines[2].startswith("feature_extraction: worse than old, -40.0 points (95 % ")
    assert lines[3].startswith("fine_tuning: cannot be told apart from old, +2.5 points (95 % ")
    assert lines[4:] == ["No setting in params.yaml differs."]
    table = tabulate_places([first, other], contrasts)
    assert table["difference"].tolist()[3:] == pytest.approx([0.4, -0.4, 0.025])
    assert table["difference"].isna().tolist()[:3] == [True] * 3


def test_the_order_of_the_images_in_the_files_changes_nothing(tmp_path):
    right = answer(30, 25)
    first = read_finished(write_comparison(tmp_path / "one", {SCENARIOS[0]: right}))
    place = write_comparison(tmp_path / "two", {SCENARIOS[0]: right[:, ::-1]}, images=IMAGES[::-1])
    pairs = contrast_places([first, read_finished(place)])
    assert [(pair.same, pair.difference) for pair in pairs] == [(True, 0.0)] * 3
    assert describe_pair(first, read_finished(place), pairs)[1] == (
        "baseline_cnn: right on exactly the same images as one, in every run."
    )


def test_as_many_right_but_on_other_images_is_not_the_same(tmp_path):
    first = read_finished(write_comparison(tmp_path / "one", {SCENARIOS[0]: answer(30)}))
    right = {SCENARIOS[0]: answer(30)[:, ::-1]}
    other = read_finished(write_comparison(tmp_path / "two", right))
    pair = contrast_places([first, other])[0]
    assert (pair.difference, pair.same) == (0.0, False)
    assert pair.low < 0 < pair.high


def test_no_difference_is_read_off_other_images_and_those_shared_are_counted(tmp_path):
    first = finish(tmp_path / "one", 30)
    other = finish(tmp_path / "two", 30, images=[*IMAGES[:15], *(f"a/x{n}.png" for n in range(25))])
    assert contrast_places([first, other]) == []
    lines = describe_pair(first, other, [])
    assert lines == [
        "two was measured on other images than one: of its 40 test images, 15 are among the 40 of "
        "one, by path and class. The accuracies are of different images: no difference may be "
        "read off.",
        "No setting in params.yaml differs.",
    ]
    assert tabulate_places([first, other], [])["difference"].isna().all()


def test_an_image_under_another_label_is_another_image(tmp_path):
    first = finish(tmp_path / "one", 30)
    place = write_comparison(tmp_path / "two", {SCENARIOS[0]: answer(30)})
    for scenario in SCENARIOS:
        path = place.folder / "metrics" / scenario / "predictions.csv"
        path.write_text(path.read_text().replace("a/00.png,a", "a/00.png,b"))
    other = read_finished(place)
    assert contrast_places([first, other]) == []
    assert "of its 40 test images, 39 are among the 40 of one" in describe_pair(first, other, [])[0]


def test_classes_that_differ_are_said(tmp_path):
    first = finish(tmp_path / "one", 30)
    other = finish(tmp_path / "two", 2, images=["b/1", "c/1", "d/1"], classes=("b", "c", "d"))
    text = describe_pair(first, other, [])[0]
    assert "It has 3 classes beside 2, 1 of them by the same name." in text


@pytest.mark.parametrize(
    ("digests", "same"),
    [(["x", "x"], True), (["x", "y"], False), ([None, "y"], True), (["x", None], True)],
)
def test_other_files_behind_the_same_names_are_noticed_by_the_digest(tmp_path, digests, same):
    first, other = (
        finish(tmp_path / name, 30, **({"digest": digest} if digest else {}))
        for name, digest in zip(("one", "two"), digests, strict=True)
    )
    contrasts = contrast_places([first, other])
    assert bool(contrasts) == same
    found = describe_pair(first, other, contrasts)[0]
    assert ("two and one name the same test images, but the digests" in found) != same


def test_val_and_test_do_not_stand_in_one_table(tmp_path):
    val, test = finish(tmp_path / "one", 30, split="val"), finish(tmp_path / "two", 30)
    check_splits([val, val])
    with pytest.raises(InputError, match="one was measured on val, two on test: figures of"):
        check_splits([val, test])
    with pytest.raises(InputError, match="two was measured on test, one on val: figures of"):
        check_splits([test, test, val])


def test_what_chooses_by_test_is_told_so_and_val_is_told_otherwise(tmp_path):
    for split, told in (("test", "choose by val"), ("val", "test has the last word")):
        places = [finish(tmp_path / f"{split}-{name}", 30, split=split) for name in ("a", "b")]
        contrasts = contrast_places(places)
        text = format_places(places, contrasts, tabulate_places(places, contrasts))
        assert told in text.splitlines()[-1]
        assert f"| {split} images |" in text
        alone = format_places(places[:1], [], tabulate_places(places[:1], []))
        assert told not in alone


def test_ten_lines_say_which_settings_differ(tmp_path):
    first = finish(tmp_path / "one", 30, params={"a": {"b": 1, "c": [1, 2]}, "same": 0})
    other = finish(tmp_path / "two", 30, params={"a": {"b": 2}, "same": 0, "new": {"x": "y"}})
    assert describe_pair(first, other, [])[1:] == [
        "a.b: 1 in one, 2 in two",
        "a.c: [1, 2] in one, not there in two",
        "new.x: not there in one, y in two",
    ]
    base, ten, twelve = (
        finish(tmp_path / f"{count}", 30, params={f"k{n}": 0 for n in range(count)})
        for count in (0, 10, 12)
    )
    base = replace(base, params={"k0": 1})
    lines = describe_pair(base, ten, [])[1:]
    assert (len(lines), lines[-1]) == (10, "k9: not there in 0, 0 in 10")
    assert describe_pair(base, twelve, [])[-2:] == [
        "k8: not there in 0, 0 in 12",
        "and 3 more settings that differ",
    ]


def test_figures_of_other_settings_than_those_of_params_are_not_taken_for_theirs(tmp_path):
    place = write_comparison(tmp_path / "edited", {SCENARIOS[0]: answer(30)})
    assert read_finished(place).outdated == {}
    edited = {"data": {"source": "photos"}, "training": {"seeds": [1, 2, 3]}, "new": 1}
    YAML().dump(edited, place.folder / "params.yaml")
    found = read_finished(place)
    assert found.outdated == {"training.seeds": ([1, 2], [1, 2, 3])}
    assert warn_outdated(found) == (
        "The figures of edited are not those of its params.yaml: they were made with "
        "training.seeds: [1, 2], which now is [1, 2, 3]. Run 'dvc repro' there first."
    )
    assert "**The figures of edited are" in format_places([found], [], tabulate_places([found], []))


def test_a_setting_that_only_one_stage_has_seen_is_outdated():
    """As after a run that stopped halfway."""
    new, old = ({"params": {"params.yaml": {"image": {"resolution": size}}}} for size in (64, 32))
    lock = {"stages": {"first": new, "second": old, "third": new}}
    assert list_outdated({"image": {"resolution": 64}}, lock) == {"image.resolution": (32, 64)}
    assert list_outdated({"image": {"resolution": 64}}, {}) == {}
    used = {"execution": {"workers": "auto"}, "data.seed": 1}
    lock = {"stages": {"check": {"params": {"params.yaml": used}}}}
    params = {"execution": {"workers": 1}, "data": {"seed": 2}}
    assert list_outdated(params, lock) == {"data.seed": (1, 2)}


def test_of_a_section_that_stages_use_in_part_each_setting_is_looked_at():
    seen = {"data.seed": 1, "data.columns": {"path": "id", "old": "x"}, "data.group": "none"}
    lock = {"stages": {"split": {"params": {"params.yaml": seen}}}}
    data = {"seed": 2, "columns": {"path": "id", "new": "y"}, "seeds": 3, "source": "photos"}
    assert list_outdated({"data": data}, lock) == {
        "data.seed": (1, 2),
        "data.columns.old": ("x", "not there"),
        "data.columns.new": ("not there", "y"),
        "data.group": ("none", "not there"),
    }


def test_differing_settings_are_listed_with_both_values():
    assert list_differing({"a": 1, "b": 2, "c": 1.0}, {"b": 3, "c": 1, "d": None}) == {
        "a": (1, "not there"),
        "b": (2, 3),
        "d": ("not there", None),
    }


def test_names_stay_text(tmp_path):
    place = write_comparison(tmp_path / "one", {SCENARIOS[0]: answer(30)})
    finished = [read_finished(Place(label, place.folder)) for label in ("a|b", "<i>x</i>")]
    contrasts = contrast_places(finished)
    text = format_places(finished, contrasts, tabulate_places(finished, contrasts))
    assert "| a\\|b" in text
    assert "\\<i\\>x\\</i\\> beside a\\|b" in text
    assert "<i>" not in text


def test_revisions_are_read_and_nothing_is_checked_out(project, tmp_path):
    rewrite(project, 36, 36)
    (project / "new.txt").write_text("untracked")
    before = git(project, "status", "--porcelain"), git(project, "rev-parse", "HEAD")
    places = open_places(["v1", "HEAD", "now=workspace", f"x={project}"], tmp_path / "scratch")
    assert [place.label for place in places] == ["v1", "HEAD", "now", "x"]
    found = [read_finished(place).predictions["fine_tuning"].correct.mean() for place in places]
    assert found == [0.75, 0.75, 0.9, 0.9]
    assert (git(project, "status", "--porcelain"), git(project, "rev-parse", "HEAD")) == before


def test_a_branch_that_is_called_like_a_folder_is_the_branch(project, tmp_path):
    git(project, "branch", "photos")
    write_comparison(project / "photos", {SCENARIOS[0]: answer(40, 40)})
    places = open_places(["photos", "./photos"], tmp_path / "scratch")
    found = [read_finished(place).predictions["fine_tuning"].correct.mean() for place in places]
    assert found == [0.75, 1.0]


def test_a_project_inside_a_larger_repository_is_found(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    write_comparison(tmp_path / "inside", {SCENARIOS[0]: answer(30)})
    commit(tmp_path, "results")
    monkeypatch.chdir(tmp_path / "inside")
    place = open_places(["HEAD"], tmp_path / "scratch")[0]
    assert read_finished(place).predictions["fine_tuning"].correct.mean() == 0.75


def test_a_dvc_experiment_goes_by_its_name_and_one_from_head_comes_first(project, tmp_path):
    """Refs as DVC names them, of commits that began at different ones."""
    base = git(project, "rev-parse", "HEAD")
    made = {}
    for number in (36, 38):
        rewrite(project, number, number)
        made[number] = commit(project, "experiment")
        git(project, "reset", "-q", "--hard", base)
    git(project, "commit", "-q", "--allow-empty", "-m", "elsewhere")
    other = git(project, "rev-parse", "HEAD")
    git(project, "update-ref", str(ExpRefInfo(base, "wispy-hawk")), made[36])
    git(project, "update-ref", "refs/exps/exec/EXEC_HEAD", other)

    def measure() -> float:
        place = open_places(["wispy-hawk"], tmp_path / "scratch")[0]
        return read_finished(place).predictions["fine_tuning"].correct.mean()

    assert measure() == 0.9
    # What DVC keeps beside the experiments is none.
    with pytest.raises(InputError, match="'EXEC_HEAD' is no revision"):
        open_places(["EXEC_HEAD"], tmp_path / "scratch")
    git(project, "update-ref", str(ExpRefInfo(other, "wispy-hawk")), made[38])
    assert measure() == 0.95
    git(project, "reset", "-q", "--hard", base)
    assert measure() == 0.9
    git(project, "commit", "-q", "--allow-empty", "-m", "neither")
    with pytest.raises(InputError, match="2 DVC experiments are called 'wispy-hawk' and none"):
        measure()


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["nowhere"], "'nowhere' is no revision of this repository, no DVC experiment and no fol"),
        (["HEAD", "HEAD"], "2 places are called 'HEAD', expected different names; give each"),
        (["x=HEAD", "x=workspace"], "2 places are called 'x'"),
        (["=HEAD"], "'=HEAD' lacks a label or a place, expected PLACE or LABEL=PLACE"),
        (["x="], "'x=' lacks a label or a place"),
        (["x=--all"], "'--all' is no revision"),
    ],
)
def test_places_that_are_none_are_refused(project, tmp_path, texts, told):
    with pytest.raises(InputError, match=told):
        open_places(texts, tmp_path / "scratch")


def test_folders_need_no_git(tmp_path, monkeypatch):
    write_comparison(tmp_path / "one", {SCENARIOS[0]: answer(30)})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_finished(open_places(["one"], tmp_path / "scratch")[0]).label == "one"


def test_a_place_without_a_comparison_is_refused(project, tmp_path):
    git(project, "rm", "-rq", "metrics")
    commit(project, "nothing")
    place = open_places(["HEAD"], tmp_path / "scratch")[0]
    with pytest.raises(InputError, match=r"HEAD has no metrics/comparison\.json, so no finished"):
        read_finished(place)
    place = write_comparison(tmp_path / "part", {SCENARIOS[0]: answer(30)})
    (place.folder / "metrics/fine_tuning/predictions.csv").unlink()
    with pytest.raises(InputError, match=r"part has no metrics/fine_tuning/predictions\.csv"):
        read_finished(place)


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("metrics/comparison.json", "{", r"comparison\.json is not as 'dvc repro' writes it \(Exp"),
        ("metrics/comparison.json", "[]", r"it holds no named values"),
        ("metrics/comparison.json", "{}", r"comparison\.json is not as 'dvc repro' writes it"),
        ("metrics/data.json", "", r"metrics/data\.json is not as"),
        ("params.yaml", "a: [", r"params\.yaml is not as"),
        ("metrics/baseline_cnn/predictions.csv", "", r"predictions\.csv is not as"),
        ("metrics/baseline_cnn/predictions.csv", "seed,split,image,actual,p(a)\n", r"csv is not"),
    ],
)
def test_damaged_files_are_one_line_that_names_place_and_file(tmp_path, path, content, told):
    place = write_comparison(tmp_path / "one", {SCENARIOS[0]: answer(30)})
    (place.folder / path).write_text(content)
    with pytest.raises(InputError, match=told) as caught:
        read_finished(place)
    assert str(caught.value).startswith(f"one: {path} is not as")
    assert str(tmp_path) not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_scenarios_of_different_images_are_refused(tmp_path):
    place = write_comparison(tmp_path / "one", {SCENARIOS[0]: answer(30)})
    path = place.folder / "metrics/fine_tuning/predictions.csv"
    path.write_text(path.read_text().replace("a/00.png", "a/other.png"))
    with pytest.raises(InputError, match="one: its scenarios cover different images of test"):
        read_finished(place)


def test_the_command_prints_the_table_and_writes_only_where_it_is_told(project, tmp_path):
    rewrite(project, 40, 40)
    commit(project, "better")
    result = run_stage(project, "before=v1", "workspace")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split("|")[1].strip() for line in lines[:4]] == [
        "place", "---------", "before", "workspace",
    ]  # fmt: skip
    assert "- fine_tuning: better than before, +25.0 points" in result.stdout
    assert not git(project, "status", "--porcelain")

    out = tmp_path / "new" / "tables"
    again = run_stage(project, "before=v1", "workspace", "--out", str(out))
    assert again.stdout == result.stdout
    assert sorted(os.listdir(out)) == ["beside.csv", "beside.md", "beside.tex"]
    assert (out / "beside.md").read_text(encoding="utf-8") == result.stdout
    table = pd.read_csv(out / "beside.csv")
    assert table["place"].tolist() == ["before"] * 3 + ["workspace"] * 3
    assert table["accuracy"].tolist() == [0.75] * 3 + [1.0] * 3
    latex = (out / "beside.tex").read_text(encoding="utf-8")
    assert "place & classes & test images & runs & baseline\\_cnn" in latex
    assert latex.count("workspace & 2 & 40 & 2 & 100.0 (") == 1


def test_the_command_says_in_one_line_what_is_wrong(project):
    result = run_stage(project, "v1", "v2")
    assert result.returncode == 1
    assert result.stderr.startswith("error: 'v2' is no revision of this repository")
    assert len(result.stderr.splitlines()) == 1
