"""A finished run is found by all that decides its bits, and by nothing else."""

from pathlib import Path

import pandas as pd
import pytest

from threeway.artefacts import IMAGES, INDEX, SPLIT
from threeway.run import Run
from threeway.settings import Settings, load_settings
from threeway.training import baseline_cnn, feature_extraction, scenario
from threeway.training.runs import Task

ROOT = Path(__file__).parents[2]
SECTIONS = ("image", "augmentation", "machine", "training", "baseline_cnn")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four images in two folds, with the project's own code."""
    monkeypatch.chdir(tmp_path)
    IMAGES.parent.mkdir(parents=True)
    IMAGES.write_bytes(b"pixels")
    write_images(["a/1.png", "a/2.png", "b/1.png", "b/2.png"])
    (tmp_path / "dvc.yaml").symlink_to(ROOT / "dvc.yaml")
    (tmp_path / "threeway").symlink_to(ROOT / "threeway")


def write_images(paths: list[str]) -> None:
    classes = [path[0] for path in paths]
    digests = [f"{number:064x}" for number in range(4)]
    index = pd.DataFrame({"path": paths, "class": classes, "sha256": digests})
    splits = {1: ["train", "test", "val", "train"], 2: ["test", "train", "train", "val"]}
    tables = [pd.DataFrame({"path": paths, "fold": k, "split": v}) for k, v in splits.items()]
    index.to_csv(INDEX, index=False)
    pd.concat(tables).to_csv(SPLIT, index=False)


def read_settings(**training: object) -> Settings:
    settings = load_settings(*SECTIONS, path=ROOT / "params.yaml")
    changed = settings.training.model_copy(update=training)
    return settings.model_copy(update={"training": changed})


def make_key(fold: int = 1, seed: int = 1, begin=baseline_cnn.begin, **training: object) -> str:
    run = Run("baseline_cnn", fold, seed)
    inputs = (INDEX, SPLIT, IMAGES)
    task = Task(run, read_settings(**training), begin, inputs, Path("unfinished") / run.name)
    return scenario.make_keys([task])[run.name]


def test_seeds_and_folds_besides_its_own_do_not_change_a_run():
    assert make_key(seeds=[1]) == make_key(seeds=[1, 2, 3])
    assert len({make_key(), make_key(fold=2), make_key(seed=2)}) == 3


def test_settings_images_and_what_begins_it_do():
    before = make_key()
    assert make_key(batch_size=7) != before
    assert make_key(begin=feature_extraction.begin) != before
    IMAGES.write_bytes(b"other pixels")
    assert make_key() != before


def test_a_file_of_another_name_is_another_one_since_predictions_name_it():
    before = make_key()
    write_images(["a/1.png", "a/3.png", "b/1.png", "b/2.png"])
    assert make_key() != before


def test_the_arithmetic_that_the_environment_asks_for_does_and_its_talk_does_not(monkeypatch):
    before = make_key()
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    assert make_key() == before
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert make_key() != before


def test_all_code_counts_but_what_only_says_what_is_trained_when():
    code = set(scenario.list_code("baseline_cnn"))
    assert Path("threeway/training/epochs.py") in code
    assert not code & scenario.PLANS
