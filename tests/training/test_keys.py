"""A finished run is found by all that decides its bits, and by nothing else."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from threeway.artefacts import IMAGES, INDEX, SPLIT
from threeway.run import Run
from threeway.settings import Settings, load_settings
from threeway.training import baseline_cnn, feature_extraction
from threeway.training.keys import PLANS, Keys, list_code
from threeway.training.runs import Task
from threeway.training.tuning import Trial

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
    ranks = {1: ["0.0", "", "", "0.75"], 2: ["", "0.0", "0.0", ""]}
    tables = [
        pd.DataFrame({"path": paths, "fold": k, "split": v, "rank": ranks[k]})
        for k, v in splits.items()
    ]
    index.to_csv(INDEX, index=False)
    pd.concat(tables).to_csv(SPLIT, index=False)


def read_settings(**training: object) -> Settings:
    settings = load_settings(*SECTIONS, path=ROOT / "params.yaml")
    changed = settings.training.model_copy(update=training)
    return settings.model_copy(update={"training": changed})


def make_task(
    fold: int = 1, seed: int = 1, share: float = 1.0, begin=baseline_cnn.begin, **training: object
) -> Task:
    run = Run("baseline_cnn", fold, seed, share)
    return Task(
        run=run,
        settings=read_settings(**training),
        begin=begin,
        decisive=(INDEX, SPLIT, IMAGES),
        embedded=(),
        folder=Path("unfinished") / run.name,
    )


def make_key(**changes: object) -> str:
    return Keys("baseline_cnn").make(make_task(**changes))


def test_seeds_and_folds_besides_its_own_do_not_change_a_run():
    assert make_key(seeds=[1]) == make_key(seeds=[1, 2, 3])
    assert len({make_key(), make_key(fold=2), make_key(seed=2)}) == 3


def test_settings_images_and_what_begins_it_do():
    before = make_key()
    assert make_key(batch_size=7) != before
    assert make_key(begin=feature_extraction.begin) != before
    IMAGES.write_bytes(b"other pixels")
    assert make_key() != before


def test_a_share_of_the_training_images_does():
    assert make_key(share=0.5) != make_key()


def test_a_file_of_another_name_is_another_one_since_predictions_name_it():
    before = make_key()
    write_images(["a/1.png", "a/3.png", "b/1.png", "b/2.png"])
    assert make_key() != before


def test_what_is_for_testing_in_its_fold_does_not_matter_but_for_its_name():
    before = make_key()
    table = pd.read_csv(INDEX, dtype=str)
    table.loc[1, "sha256"] = "f" * 64
    table.to_csv(INDEX, index=False)
    assert make_key() == before
    assert make_key(fold=2) != before


def test_files_are_looked_at_once_and_again_by_whoever_asks_anew():
    keys = Keys("baseline_cnn")
    before = keys.make(make_task())
    IMAGES.write_bytes(b"other pixels")
    assert keys.make(make_task()) == before
    assert Keys("baseline_cnn").make(make_task()) != before


def test_the_arithmetic_that_the_environment_asks_for_does_and_its_talk_does_not(monkeypatch):
    before = make_key()
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    assert make_key() == before
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert make_key() != before


VALUES = {"training.augmented_share": 0.5}
EARLIER = (Trial(VALUES, (1.0, 0.5)),)


def test_a_run_is_the_same_whether_a_trial_found_it_or_not_and_wherever_it_is_written():
    task, keys = make_task(), Keys("baseline_cnn")
    others = [
        replace(task, earlier=EARLIER),
        replace(task, values=VALUES),
        replace(task, folder=Path("elsewhere")),
        # Which follows from the rest: it need not even be there.
        replace(task, embedded=(Path("data/pipeline/frozen/nowhere.npy"),)),
    ]
    assert {keys.make(other) for other in others} == {keys.make(task)}


def test_a_trial_is_known_by_what_it_was_measured_by():
    task, keys = make_task(), Keys("baseline_cnn")
    histories = [
        (),
        EARLIER,
        EARLIER * 2,
        (Trial(VALUES, (1.0, 0.25)),),
        (Trial({"training.augmented_share": 0.25}, (1.0, 0.5)),),
        (Trial(VALUES, (1.0, 0.5), given_up=True),),
    ]
    found = [keys.make_trial(replace(task, earlier=earlier)) for earlier in histories]
    assert len({keys.make(task), *found}) == 1 + len(histories)
    again = replace(task, earlier=EARLIER, values=VALUES, folder=Path("elsewhere"))
    assert keys.make_trial(again) == found[1]
    other = replace(make_task(batch_size=7), earlier=EARLIER)
    assert keys.make_trial(other) != found[1]


def test_all_code_counts_but_what_only_says_what_is_trained_when():
    code = set(list_code("baseline_cnn"))
    assert Path("threeway/training/epochs.py") in code
    # Which says when a trial ends, and so decides its bits.
    assert Path("threeway/training/tuning.py") in code
    assert not code & PLANS
    assert all((ROOT / path).is_file() for path in PLANS)
