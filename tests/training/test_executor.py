"""What was finished is not trained again, and the same comes out whatever came between."""

import shutil
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from threeway.artefacts import (
    FEATURES,
    INDEX,
    KEPT,
    LEARNING_CURVE,
    PIPELINE,
    RUNS,
    SECONDS,
    SPLIT,
    TRIALS,
    UNFINISHED,
)
from threeway.errors import InputError
from threeway.examples.dataset import read_dataset
from threeway.execution.kept import MANIFEST, list_files
from threeway.model.card import read_card
from threeway.records import digest_file, read_csv, read_json, write_csv, write_json
from threeway.run import MODEL, PREDICTIONS, RECORD, Run, find_runs
from threeway.runtime import keras, tf
from threeway.settings import Settings, load_settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.plans import Straight
from threeway.training.runs import Outcome, Start, Task
from threeway.training.scenario import Executor, Way, estimate_memory, train_scenario, train_shares

pytestmark = pytest.mark.usefixtures("deterministic")

ROOT = Path(__file__).parents[2]
SCENARIO, NUM_IMAGES = "baseline_cnn", 24
RATE, UNITS = "baseline_cnn.learning_rate", "baseline_cnn.dense_units"
# Beyond which the network below overflows.
LARGEST = 3.0


class Interrupted(Exception):
    """A ctrl-C, or the end of a machine."""


class Diary:
    """What was begun in this process, and after how many runs all ends."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.begun: list[tuple[Run, float, int]] = []
        self.last: int | None = None


DIARY = Diary()


def limit(outputs: tf.Tensor) -> tf.Tensor:
    """Makes outputs that are too large no numbers, as those of a network with large weights are."""
    return tf.where(tf.abs(outputs) > LARGEST, np.nan, outputs)


def begin(run: Run, settings: Settings) -> Start:
    """Begins a network of a few weights on four numbers for each image."""
    recipe = settings.baseline_cnn
    if len(DIARY.begun) == DIARY.last:
        raise Interrupted
    DIARY.begun.append((run, recipe.learning_rate, recipe.dense_units))
    dataset = read_dataset(run.fold, run.share)
    inputs = np.random.default_rng(0).normal(0, 0.5, (NUM_IMAGES, 4)).astype(np.float32)
    inputs[:, 0] += 2 * dataset.labels - 1
    splits = {name: dataset.select(inputs, name) for name in LEARNING_SPLITS}
    layers = [
        keras.Input((4,)),
        keras.layers.Dense(recipe.dense_units),
        keras.layers.Dense(2),
        keras.layers.Activation(limit),
        keras.layers.Softmax(),
    ]
    network = keras.Sequential(layers)
    return Start(dataset, splits, network, lambda rows, _: splits["train"].inputs[rows], network)


WAY = Way(SCENARIO, begin, lambda run: [])


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Images in two folds, with the project's own code."""
    DIARY.clear()
    make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_project(folder: Path) -> None:
    classes = [*"ab"] * (NUM_IMAGES // 2)
    paths = [f"{name}/{number:02d}.png" for number, name in enumerate(classes)]
    digests = [f"{number:064x}" for number in range(NUM_IMAGES)]
    write_csv(folder / INDEX, pd.DataFrame({"path": paths, "class": classes, "sha256": digests}))
    tables = []
    for fold in (1, 2):
        splits = np.repeat(["test", "val", "train"], [6, 6, 12])
        table = pd.DataFrame({"path": paths, "fold": fold, "split": np.roll(splits, 6 * fold)})
        train = table["split"] == "train"
        table.loc[train, "rank"] = np.arange(12) / 12
        tables.append(table)
    write_csv(folder / SPLIT, pd.concat(tables))
    (folder / "dvc.yaml").symlink_to(ROOT / "dvc.yaml")
    (folder / "threeway").symlink_to(ROOT / "threeway")
    write_params(folder)


def write_params(
    folder: Path = Path(), workers: int = 1, trials: int = 0, **changes: object
) -> None:
    """Writes params.yaml with a small recipe, few values to try, and settings as section__key."""
    content = YAML(typ="safe").load(ROOT / "params.yaml")
    content["execution"]["workers"] = workers
    content["tuning"] |= {"trials": trials, "augmented_share": [1]}
    content["tuning"][SCENARIO] = {
        "learning_rate": {"low": 0.001, "high": 0.1},
        "dropout": [0.3],
        "dense_units": [2, 4],
    }
    small = {"epochs": 2, "learning_rate": 0.01, "dropout": 0.3, "dense_units": 2}
    content[SCENARIO] |= small
    content["training"] |= {"batch_size": 4, "seeds": [1, 2]}
    for name, value in changes.items():
        section, _, key = name.partition("__")
        content[section][key] = value
    YAML(typ="safe").dump(content, folder / "params.yaml")


def train(workers: int = 1, trials: int = 0, way: Way = WAY, **changes: object) -> None:
    """Trains as the scenario's stage does, which DVC leaves no outputs of an earlier time."""
    write_params(workers=workers, trials=trials, **changes)
    for folder in (RUNS, TRIALS, SECONDS):
        shutil.rmtree(folder, ignore_errors=True)
    keys = ("image", "machine", "training", SCENARIO)
    tuning = ("tuning.trials", "tuning.augmented_share", f"tuning.{SCENARIO}")
    train_scenario(way, load_settings(*keys, *tuning))


def digest_results() -> dict[str, str]:
    """Digests all that training leaves but for what two executions never have in common."""
    folders = (RUNS, TRIALS, LEARNING_CURVE)
    return {
        (folder / name).as_posix(): digest_file(folder / name)
        for folder in folders
        for name in list_files(folder)
        if not name.endswith("dvc.yaml")
    }


@dataclass(frozen=True)
class Searched:
    """Three trials in each of two folds, with two seeds, when nothing comes between.

    Attributes:
        project: whose folder it is.
        begun: runs in their order, with rate and units.
        results: digests of what it left.
    """

    project: Path
    begun: list[tuple[Run, float, int]]
    results: dict[str, str]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    folder = tmp_path_factory.mktemp("searched")
    make_project(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        DIARY.clear()
        train(trials=3)
        return Searched(folder, DIARY.begun, digest_results())


def list_begun() -> list[str]:
    return [run.name for run, *_ in DIARY.begun]


def test_each_run_leaves_its_folder_and_is_not_trained_again(capsys):
    train(training__seeds=[1])
    assert list_begun() == ["fold-1-seed-1", "fold-2-seed-1"]
    first = digest_results()
    DIARY.clear()
    train(training__seeds=[1, 2])
    assert list_begun() == ["fold-1-seed-2", "fold-2-seed-2"]
    assert "2 of 4 runs were finished before\n" in capsys.readouterr().out
    results = digest_results()
    assert first.items() <= results.items()

    names = [f"fold-{fold}-seed-{seed}" for fold in (1, 2) for seed in (1, 2)]
    assert [run.name for run in find_runs(RUNS / SCENARIO)] == names
    for name in names:
        card = read_card(RUNS / SCENARIO / name / MODEL)
        assert (card.run.name, card.num_train, card.num_val) == (name, 12, 6)
        left = {path.name for path in (RUNS / SCENARIO / name).iterdir()}
        assert left == {RECORD, MODEL, PREDICTIONS}
    told = read_json(SECONDS / f"{SCENARIO}.json")
    assert [*told] == ["seconds", "trials_seconds", "processors"]
    assert [*told["seconds"]] == names
    assert told["trials_seconds"] == 0
    assert len(told["processors"]) == 1
    assert read_csv(TRIALS / SCENARIO / "trials.csv").empty
    assert not (UNFINISHED / SCENARIO).exists()

    DIARY.clear()
    train(training__seeds=[1, 2])
    assert DIARY.begun == []
    assert digest_results() == results
    # Of the time when they were trained.
    assert read_json(SECONDS / f"{SCENARIO}.json") == told


def carry_out(*tasks: Task, way: Way = WAY) -> dict[str, Outcome]:
    """Does some runs, whose outputs DVC has removed."""
    shutil.rmtree(RUNS, ignore_errors=True)
    return Executor(way, Straight([*tasks])).carry_out()


def test_what_another_processor_trained_is_trained_again():
    settings = load_settings("image", "machine", "training", SCENARIO)
    task = WAY.make_task(Run(SCENARIO, 1, 1), settings)
    before = carry_out(task)
    [place] = KEPT.iterdir()
    manifest = read_json(place / MANIFEST)
    manifest["told"]["processor"] = "another one"
    write_json(place / MANIFEST, manifest)
    after = carry_out(task)
    assert list_begun() == ["fold-1-seed-1"] * 2
    assert after["fold-1-seed-1"].processor == before["fold-1-seed-1"].processor
    assert after["fold-1-seed-1"].val_losses == before["fold-1-seed-1"].val_losses


def test_a_search_leaves_the_best_runs_what_was_written_and_what_was_tried(searched, monkeypatch):
    monkeypatch.chdir(searched.project)
    trials = read_csv(TRIALS / SCENARIO / "trials.csv")
    assert trials["fold"].tolist() == [1, 1, 1, 2, 2, 2]
    assert trials["trial"].tolist() == [1, 2, 3] * 2
    assert trials.groupby("fold")["chosen"].sum().tolist() == [1, 1]
    for fold in (1, 2):
        # One after the other, and then the other seed; the best is there already.
        own = [(run, rate, units) for run, rate, units in searched.begun if run.fold == fold]
        assert [run.seed for run, *_ in own] == [1, 1, 1, 2]
        rows = trials[trials["fold"] == fold]
        tried = [*zip(rows[RATE], rows[UNITS], strict=True)]
        assert [(rate, units) for _, rate, units in own[:3]] == tried
        assert tried[0] == (0.01, 2)
        [best] = rows[rows["chosen"]].to_dict("records")
        assert best["val_loss"] == rows.loc[~rows["given_up"], "val_loss"].min()
        assert own[3][1:] == (best[RATE], best[UNITS])
        for seed in (1, 2):
            card = read_card(RUNS / SCENARIO / f"fold-{fold}-seed-{seed}" / MODEL)
            recipe = card.restore_settings().baseline_cnn
            assert (recipe.learning_rate, recipe.dense_units) == (best[RATE], best[UNITS])
            # What was tried beside is not a run's own.
            assert card.settings.keys() == {"image", "machine", "training", SCENARIO}
        written = read_card(TRIALS / SCENARIO / f"as_written/fold-{fold}-seed-1" / MODEL)
        assert (written.run, written.settings[SCENARIO]["learning_rate"]) == (own[0][0], 0.01)
        final = read_json(RUNS / SCENARIO / f"fold-{fold}-seed-1" / RECORD / "metrics.json")[
            "final"
        ]
        assert (final["val_accuracy"], final["best_epoch"]) == (
            best["val_accuracy"],
            best["best_epoch"],
        )
        assert final["val_loss"] == pytest.approx(best["val_loss"], rel=1e-5)
    told = read_json(SECONDS / f"{SCENARIO}.json")
    assert len(told["seconds"]) == 4
    assert told["trials_seconds"] > max(told["seconds"].values())


def test_however_often_a_search_is_interrupted_nothing_is_trained_twice(searched):
    begun = []
    for count in (1, 4, 0, 2):
        DIARY.last = count
        with pytest.raises(Interrupted):
            train(trials=3)
        assert len(DIARY.begun) == count
        assert not (UNFINISHED / SCENARIO).exists()
        begun += DIARY.begun
        DIARY.clear()
    train(trials=3)
    assert len(DIARY.begun) == 1
    assert sorted(begun + DIARY.begun, key=str) == sorted(searched.begun, key=str)
    assert digest_results() == searched.results


def test_trials_go_on_from_fewer_and_from_none(searched):
    train(training__seeds=[1])
    without = {name: sha for name, sha in digest_results().items() if name.startswith(str(RUNS))}
    begun = DIARY.begun
    DIARY.clear()
    train(trials=2, training__seeds=[1])
    # The first trial is the run that there was.
    assert len(DIARY.begun) == 2
    written = {name.replace("runs/baseline_cnn", "trials/baseline_cnn/as_written"): sha
               for name, sha in without.items()}  # fmt: skip
    assert written.items() <= digest_results().items()
    begun += DIARY.begun
    DIARY.clear()
    train(trials=3)
    # A trial more in each fold, and the second seed.
    assert sorted(run.seed for run, *_ in DIARY.begun) == [1, 1, 2, 2]
    assert sorted(begun + DIARY.begun, key=str) == sorted(searched.begun, key=str)
    assert digest_results() == searched.results


def test_several_at_a_time_give_the_same_bits(searched):
    train(workers=2, trials=3)
    # In other processes.
    assert DIARY.begun == []
    assert digest_results() == searched.results


DIVERGING = {"learning_rate": [0.01, 1.0], "dropout": [0.3], "dense_units": [2]}


def test_a_trial_that_diverges_is_told_and_ends_nothing(capsys):
    train(trials=4, training__seeds=[1], tuning__baseline_cnn=DIVERGING)
    trials = read_csv(TRIALS / SCENARIO / "trials.csv")
    lost = trials[trials[RATE] == 1.0]
    assert 0 < len(lost) < 6
    assert lost["given_up"].all()
    assert not lost["chosen"].any()
    # In their first epoch: they have no loss.
    assert lost[["epochs", "best_epoch", "val_loss", "val_accuracy"]].to_numpy().tolist() == [
        [0, 0, np.inf, 0]
    ] * len(lost)
    told = capsys.readouterr().out.splitlines()
    assert {line for line in told if "diverged" in line} == {
        f"fold-{row.fold}-seed-1-trial-{row.trial:02d}: diverged" for row in lost.itertuples()
    }
    # Of those nothing is kept but what is known of them.
    kept = [[*list_files(place)] for place in KEPT.iterdir()]
    assert kept.count([MANIFEST]) == 6
    # And a run of each fold at the other rate.
    assert len(kept) == 6 + 2
    for fold in (1, 2):
        card = read_card(RUNS / SCENARIO / f"fold-{fold}-seed-1" / MODEL)
        assert card.settings[SCENARIO]["learning_rate"] == 0.01
    before = digest_results()
    DIARY.clear()
    train(trials=4, training__seeds=[1], tuning__baseline_cnn=DIVERGING)
    assert DIARY.begun == []
    assert digest_results() == before


@pytest.mark.parametrize("trials", [0, 3])
def test_a_recipe_that_diverges_as_it_is_written_is_an_error_that_names_the_run(trials):
    with pytest.raises(InputError) as caught:
        train(trials=trials, baseline_cnn__learning_rate=1.0, tuning__baseline_cnn=DIVERGING)
    assert str(caught.value) == (
        "baseline_cnn, fold-1-seed-1: training diverged: the validation loss is no number, at a "
        "learning rate of 1; lower the scenario's learning_rate in params.yaml, or the high end of "
        "its range where tuning chose it"
    )


def test_runs_on_shares_have_what_their_fold_chose_and_the_first_seed(searched):
    shutil.copytree(searched.project / PIPELINE, PIPELINE, dirs_exist_ok=True)
    train_shares(WAY, [0.5, 0.25])
    found = find_runs(LEARNING_CURVE / SCENARIO)
    assert [run.name for run in found] == [
        f"fold-{fold}-seed-1-share-{share}" for fold in (1, 2) for share in (0.25, 0.5)
    ]
    assert list_begun() == [run.name for run in found]
    chosen = {run.fold: (rate, units) for run, rate, units in searched.begun if run.seed == 2}
    assert {run.fold: (rate, units) for run, rate, units in DIARY.begun} == chosen
    for folder in found:
        card, run = read_card(folder / MODEL), Run.of(folder)
        assert card.run == run
        # Of the twelve with ranks from 0 to 11 twelfths.
        assert (card.num_train, card.num_val) == ({0.25: 4, 0.5: 7}[run.share], 6)
        assert card.settings == read_card(replace(run, share=1.0).folder / MODEL).settings
    before = digest_results()
    DIARY.clear()
    shutil.rmtree(LEARNING_CURVE)
    train_shares(WAY, [0.25, 0.5])
    assert DIARY.begun == []
    assert digest_results() == before


@pytest.fixture
def embedded() -> tuple[Way, list[tuple]]:
    """A way of runs that share what is embedded, and what was asked for."""
    asked = []

    def embed(settings: Settings, layers: Sequence[str], seeds: Sequence[int], cluster) -> None:
        asked.append((len(DIARY.begun), layers, seeds, cluster))

    def list_embedded(run: Run, settings: Settings) -> list[Path]:
        return [PIPELINE / settings.fine_tuning.unfreeze_from / f"{run.seed}.npy"]

    return replace(WAY, embed=embed, list_embedded=list_embedded), asked


def test_what_runs_share_is_made_before_the_first_for_those_that_are_missing(embedded):
    way, asked = embedded
    write_params()
    settings = load_settings("image", "machine", "training", SCENARIO, "fine_tuning")
    layers = ["block_8_depthwise", "block_14_depthwise"]
    runs = [Run(SCENARIO, fold, seed) for fold, seed in ((1, 7), (2, 3))]
    tasks = [
        way.make_task(run, settings.replace({"fine_tuning.unfreeze_from": layer}))
        for run, layer in zip(runs, layers, strict=True)
    ]
    assert [task.embedded for task in tasks] == [
        (PIPELINE / "block_8_depthwise/7.npy",),
        (PIPELINE / "block_14_depthwise/3.npy",),
    ]
    assert [*carry_out(tasks[0], way=way)] == ["fold-1-seed-7"]
    assert [*carry_out(*tasks, way=way)] == ["fold-1-seed-7", "fold-2-seed-3"]
    assert asked == [(0, layers[:1], [7], None), (1, layers, [3], None)]
    carry_out(*tasks, way=way)
    assert len(asked) == 2, "nothing is to be trained"
    assert len(DIARY.begun) == 2


def test_a_search_that_is_found_whole_may_be_as_long_as_it_likes(monkeypatch):
    @dataclass
    class Chain:
        """Each run follows from the one before."""

        name: str = "0"

        def follow(self, task: "Chain", outcome: str) -> list["Chain"]:
            return [Chain(str(int(task.name) + 1))]

    executor = object.__new__(Executor)
    executor.plan, executor.found, executor.waiting = Chain(), {}, deque()
    # All but the last are kept.
    monkeypatch.setattr(executor, "find", lambda task: task.name if int(task.name) < 5000 else None)
    executor.settle([Chain()])
    assert len(executor.found) == 5000
    assert [task.name for task in executor.waiting] == ["5000"]


def test_a_head_needs_no_memory_for_pixels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FEATURES.parent.mkdir(parents=True, exist_ok=True)
    np.save(FEATURES, np.zeros((10, 5, 1280), np.float32))
    settings = load_settings("image", "training", path=Path(__file__).parents[2] / "params.yaml")
    few, many = (settings.replace({"image.resolution": side}) for side in (32, 224))

    def estimate(known: Settings, *inputs: Path) -> int:
        run = Run("feature_extraction", 1, 1)
        return estimate_memory(Task(run, known, begin, inputs, (), Path()))

    assert estimate(few, FEATURES) == estimate(many, FEATURES) == 2**30 + 10 * 1280 * 4
    assert estimate(many) - estimate(few) == 400 * 32 * (224**2 - 32**2)
