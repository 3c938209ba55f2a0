"""What tuning tried, found and gained: by hand on tables of a few trials."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.answers import make_answers
from threeway.evidence.answers import Predictions
from threeway.evidence.search import (
    Choice,
    Search,
    count_trials,
    describe_choice,
    describe_searches,
    follow_best,
    measure_gain,
    place,
    remark_on_search,
    share_first,
    summarise_search,
    summarise_searches,
)
from threeway.predictions import join_predictions, tabulate, write_predictions
from threeway.records import read_csv, read_names, write_csv
from threeway.run import AS_WRITTEN, Run
from threeway.settings import Range, Settings, load_settings
from threeway.training.plans import COLUMNS

RATE, DROPOUT, UNITS, SHARE = (
    "baseline_cnn.learning_rate",
    "baseline_cnn.dropout",
    "baseline_cnn.dense_units",
    "training.augmented_share",
)
RANGES = {
    RATE: Range(low=1e-4, high=1e-2),
    DROPOUT: Range(low=0, high=0.5),
    UNITS: [64, 128, 256],
    SHARE: Range(low=0, high=1),
}
WRITTEN = (1e-3, 0.5, 128, 1.0)


def make_trials() -> pd.DataFrame:
    """Makes the trials of two folds, of which the second was best as written."""
    rows = [
        # fold, trial, epochs, best_epoch, val_loss, val_accuracy, given_up, chosen
        (1, 1, 10, 8, 1.0, 0.5, False, False, *WRITTEN),
        (1, 2, 3, 3, 0.5, 0.9, True, False, 0.01, 0.2, 64, 0.0),
        (1, 3, 9, 9, 0.8, 0.6, False, True, 1e-4, 0.01, 256, 0.25),
        (2, 1, 10, 7, 0.4, 0.8, False, True, *WRITTEN),
        (2, 2, 7, 5, 0.7, 0.4, False, False, 2e-4, 0.3, 64, 1.0),
        (2, 3, 1, 1, 0.9, 0.7, True, False, 3e-4, 0.4, 64, 0.5),
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS[1:], *RANGES]).assign(scenario="baseline_cnn")


def make_search(scenario: str = "baseline_cnn", **changes: object) -> Search:
    nothing = dict.fromkeys(["written", "gain", "low", "high", "first_share"])
    counts = {"trials": 12, "given_up": 0, "epochs": 100, "kept_written": 0}
    return Search(**{"scenario": scenario, "choices": []} | counts | nothing | changes)


def test_a_gain_is_that_of_the_same_seed_on_the_same_images_with_its_interval():
    written = np.array([1, 0, 0, 0, 1, 1, 1, 0, 0, 1], bool)
    tuned = np.array([0, 1, 1, 1, 1, 1, 1, 0, 0, 1], bool)
    both = make_answers(np.stack([np.zeros(10, bool), tuned]))
    as_written = replace(make_answers(written), seeds=np.array([2]))
    gain, low, high = measure_gain(both, as_written)
    assert gain == pytest.approx(0.2)
    # Three better, one worse, six alike, and two pseudo-images: all of 1 and all of -1.
    centre = 2 / 12
    squares = 4 * (1 - centre) ** 2 + 2 * (1 + centre) ** 2 + 6 * centre**2
    margin = stats.t.ppf(0.975, 9) * np.sqrt(12 / 11 * squares / 12**2)
    assert (low, high) == pytest.approx((centre - margin, centre + margin))
    assert measure_gain(both, replace(as_written, seeds=np.array([1])))[0] == pytest.approx(-0.5)


def test_the_lowest_loss_so_far_is_that_of_trials_that_ended_and_a_mean_over_folds():
    trials = make_trials().sample(frac=1, random_state=0)
    losses = follow_best(trials)
    # In the first fold the second trial, though lowest, was given up.
    assert losses.tolist() == pytest.approx([(1.0 + 0.4) / 2, (1.0 + 0.4) / 2, (0.8 + 0.4) / 2])
    assert losses.index.tolist() == [1, 2, 3]
    ended = follow_best(trials.assign(given_up=False))
    assert ended.tolist() == pytest.approx([0.7, (0.5 + 0.4) / 2, (0.5 + 0.4) / 2])
    # A loss of a trial that was given up in its first epoch, and is none.
    lost = trials.assign(val_loss=trials["val_loss"].where(~trials["given_up"], np.inf))
    assert follow_best(lost).tolist() == losses.tolist()


@pytest.mark.parametrize(
    ("losses", "share"),
    [
        ([1.0, 0.9, 0.8, 0.6, 0.5], 0.8),
        ([1.0, 1.0, 1.0, 1.0, 0.5, 0.5], 0.0),
        ([1.0, 0.5, 0.5, 0.5, 0.5], 1.0),
        ([1.0, 0.9, 0.8, 0.6], None),
        ([1.0, 1.0, 1.0, 1.0, 1.0], None),
    ],
)
def test_what_the_first_four_trials_bring_is_a_share_of_the_fall(losses, share):
    found = share_first(pd.Series(losses))
    assert found == (None if share is None else pytest.approx(share))


def test_where_a_value_lies_is_logarithmic_for_rates_alone():
    rate = RANGES[RATE]
    places = [place(RATE, value, rate) for value in (1e-4, 1e-3, 1e-2)]
    assert places == pytest.approx([0, 0.5, 1])
    assert place(DROPOUT, 0.1, RANGES[DROPOUT]) == pytest.approx(0.2)
    assert [place(UNITS, value, RANGES[UNITS]) for value in (64, 128.0, 256)] == [0, 0.5, 1]
    assert place("fine_tuning.unfreeze_from", "c", ["a", "b", "c"]) == 1
    # Of two values each is an end.
    assert [place(UNITS, value, [64, 128]) for value in (64, 128)] == [0.5, 0.5]
    assert place(UNITS, 64, [64]) == 0.5


@pytest.mark.parametrize(
    ("name", "allowed", "values", "ends"),
    [
        # A twentieth of two powers of ten: 1.26 times as much.
        (RATE, Range(low=1e-4, high=1e-2), [1e-4, 1.25e-4, 1.27e-4, 7.9e-3, 8e-3], (2, 1)),
        (DROPOUT, Range(low=0, high=0.5), [0.0, 0.01, 0.47, 0.48, 0.5], (0, 2)),
        # Below 0.2 there is something to try.
        (DROPOUT, Range(low=0.2, high=0.7), [0.2, 0.22, 0.23, 0.3, 0.7], (2, 1)),
        (SHARE, Range(low=0, high=1), [0.0, 0.0, 1.0, 1.0], (0, 0)),
        (SHARE, Range(low=0, high=0.5), [0.0, 0.0, 0.5, 0.49], (0, 2)),
        (SHARE, [0.5, 0.75, 1], [0.5, 0.5, 1.0], (2, 0)),
        (UNITS, [64, 128, 256], [64, 64, 128, 256], (2, 1)),
        ("feature_extraction.hidden_units", [0, 64, 128], [0, 0, 128, 64], (0, 1)),
        ("feature_extraction.hidden_units", [64, 96, 128], [64, 64, 128], (2, 1)),
        ("feature_extraction.hidden_units", [64, 128], [64, 64, 128], (0, 0)),
        ("fine_tuning.unfreeze_from", ["a", "b", "c"], ["a", "c", "c", "b"], (1, 2)),
        (UNITS, [256, 64, 128], [64, 64, 128, 256], (2, 1)),
        (UNITS, [64], [64, 64], (0, 0)),
    ],
)
def test_a_choice_is_at_an_end_where_it_is_near_one_that_could_be_moved(
    name, allowed, values, ends
):
    found = describe_choice(name, values[0], values, allowed)
    assert (found.at_low, found.at_high) == ends
    assert (found.name, found.written, found.values) == (name, values[0], values)


def test_a_search_is_summarised():
    # Ten images in two folds; seven right when tuned, five as written.
    folds = np.arange(10) % 2 + 1
    tuned, written = (make_answers(np.arange(10) < right, folds) for right in (7, 5))
    found = summarise_search(make_trials(), RANGES, tuned, written)
    gain, low, high = measure_gain(tuned, written)
    assert found == Search(
        scenario="baseline_cnn",
        trials=3,
        given_up=2,
        epochs=40,
        kept_written=1,
        written=0.5,
        gain=gain,
        low=low,
        high=high,
        first_share=None,
        choices=[
            Choice(RATE, 0.001, [1e-4, 1e-3], at_low=1, at_high=0),
            Choice(DROPOUT, 0.5, [0.01, 0.5], at_low=0, at_high=1),
            Choice(UNITS, 128, [256, 128], at_low=0, at_high=1),
            Choice(SHARE, 1, [0.25, 1], at_low=0, at_high=0),
        ],
    )
    assert gain == pytest.approx(0.2)
    kept = make_trials().assign(chosen=lambda trials: trials["trial"] == 1)
    assert summarise_search(kept, RANGES, tuned, written).kept_written == 2
    untested = summarise_search(make_trials(), RANGES, tuned, None)
    assert untested == replace(found, written=None, gain=None, low=None, high=None)


def test_what_the_first_trials_bring_is_of_the_losses_of_all_folds():
    again = make_trials().assign(chosen=False)
    again[["trial", "val_loss"]] += [3, -0.3]
    trials = pd.concat([make_trials(), again])
    losses = follow_best(trials)
    # The fourth trial is the first one again, with a loss that is lower by 0.3.
    assert losses.tolist() == pytest.approx([0.7, 0.7, 0.6, 0.4, 0.4, 0.3])
    found = summarise_search(trials, RANGES, make_answers(np.ones(4, bool)), None)
    assert found.first_share == pytest.approx(0.3 / 0.4)


def write_answers(path: Path, right: int, seeds: tuple[int, ...]) -> Predictions:
    """Writes answers to ten images in two folds, of which the first are right."""
    names = np.array([f"{number}.png" for number in range(10)], dtype=object)
    tables = []
    for fold in (1, 2):
        rows = np.flatnonzero(np.arange(10) % 2 + 1 == fold)
        sure = np.where(rows < right, 0.9, 0.1)
        for seed in seeds:
            run = Run("baseline_cnn", fold, seed)
            labels, answers = np.zeros(5, int), np.stack([sure, 1 - sure], axis=1)
            tables.append(tabulate(run, "test", names[rows], labels, answers, ["a", "b"]))
    write_predictions(path, tables)
    join_predictions(path, [path], {name: name for name in names})
    return make_answers(np.tile(np.arange(10) < right, (len(seeds), 1)), np.arange(10) % 2 + 1)


def join_trials(path: Path) -> pd.DataFrame:
    """Writes and reads trials as the stages do: those of two scenarios in one table."""
    names = {name: name.replace("baseline_cnn", "feature_extraction") for name in (RATE, DROPOUT)}
    head = make_trials().rename(columns=names | {UNITS: "feature_extraction.hidden_units"})
    parts = []
    for table in (make_trials(), head.assign(scenario="feature_extraction")):
        write_csv(path, table[[*COLUMNS, *(name for name in table.columns if "." in name)]])
        parts.append(read_names(path))
    write_csv(path, pd.concat(parts))
    return read_csv(path)


@pytest.fixture
def settings() -> Settings:
    """Of which the ranges count, and what is looked at."""
    every = load_settings(*Settings.model_fields, path=Path(__file__).parents[2] / "params.yaml")
    looks = every.evaluation.model_copy(update={"split": "test"})
    return every.model_copy(update={"evaluation": looks})


def test_searches_are_summarised_from_the_files_of_the_stages(tmp_path, settings):
    trials = join_trials(tmp_path / "tuning.csv")
    folders = {name: tmp_path / name for name in ("baseline_cnn", "feature_extraction")}
    judged = {}
    for name, folder in folders.items():
        folder.mkdir()
        judged[name] = write_answers(folder / "predictions.csv", 8, (1, 2))
        write_answers(folder / AS_WRITTEN, 6, (1,))
    searches = summarise_searches(trials, folders, judged, settings)
    assert [search.scenario for search in searches] == [*folders]
    for search in searches:
        assert (search.trials, search.epochs, search.written) == (3, 40, 0.6)
        assert search.gain == pytest.approx(0.2)
    # Numbers are as they were written, whatever CSV makes of them.
    cnn, head = ({choice.name: choice for choice in search.choices} for search in searches)
    assert [*cnn] == [RATE, DROPOUT, UNITS, SHARE]
    assert cnn[UNITS].values == [256, 128]
    assert [type(value) for value in cnn[UNITS].values] == [int, int]
    units = "feature_extraction.hidden_units"
    assert head[units] == Choice(units, 128, [256, 128], at_low=0, at_high=1)
    content = [asdict(search) for search in searches]
    assert json.loads(json.dumps(content)) == content


def test_where_the_test_images_are_not_looked_at_no_gain_is_known(tmp_path, settings):
    trials = join_trials(tmp_path / "tuning.csv")
    blind = settings.model_copy(
        update={"evaluation": settings.evaluation.model_copy(update={"split": "val"})}
    )
    answers = dict.fromkeys(["baseline_cnn", "feature_extraction"], make_answers(np.ones(4, bool)))
    found = summarise_searches(trials, {}, answers, blind)
    assert [(search.written, search.gain) for search in found] == [(None, None)] * 2
    # In the order of the table.
    turned = summarise_searches(trials[::-1], {}, answers, blind)
    assert [search.scenario for search in turned] == ["feature_extraction", "baseline_cnn"]


def test_without_trials_there_is_nothing_to_summarise(tmp_path, settings):
    write_csv(tmp_path / "tuning.csv", pd.DataFrame(columns=[*COLUMNS]))
    assert summarise_searches(read_csv(tmp_path / "tuning.csv"), {}, {}, settings) == []
    assert describe_searches([]) == []
    assert count_trials([]) == 0


def test_how_scenarios_were_tuned_and_what_each_gained_is_told():
    up = make_search(gain=0.0213, low=-0.0004, high=0.043)
    down = make_search("fine_tuning", gain=-0.01, low=-0.03, high=0.01)
    same = make_search("feature_extraction", gain=0.0002, low=-0.02, high=0.02)
    told = (
        "Each scenario was tuned with 12 trials in each fold, on the images for training and "
        "validation alone; what had the lowest loss on validation was taken."
    )
    assert describe_searches([up, same, down]) == [
        told,
        "What that brought on the test images: baseline_cnn +2.1 points (0.0 to 4.3), "
        "feature_extraction +0.0 points (-2.0 to 2.0), fine_tuning -1.0 points (-3.0 to 1.0).",
    ]
    assert describe_searches([make_search()]) == [told]
    assert count_trials([up, down]) == 12


def remark(name: str, at_low: int, at_high: int, folds: int = 5) -> list[str]:
    scenario = "fine_tuning" if name.startswith("training") else name.partition(".")[0]
    choice = Choice(name, 1, [1] * folds, at_low, at_high)
    return remark_on_search(make_search(scenario, choices=[choice]))


@pytest.mark.parametrize(
    ("name", "ends", "said"),
    [
        (
            RATE,
            (3, 2),
            "baseline_cnn's learning_rate is at the lower end of what could be tried in 3 "
            "of 5 folds: a wider range (tuning.baseline_cnn.learning_rate) may do better.",
        ),
        (
            UNITS,
            (0, 5),
            "baseline_cnn's dense_units is at the upper end of what could be tried in 5 "
            "of 5 folds: a wider range (tuning.baseline_cnn.dense_units) may do better.",
        ),
        (
            "fine_tuning.unfreeze_from",
            (4, 0),
            "fine_tuning's unfreeze_from is at the first layer that could be tried in 4 "
            "of 5 folds: a wider range (tuning.fine_tuning.unfreeze_from) may do better.",
        ),
        (
            "fine_tuning.unfreeze_from",
            (0, 4),
            "fine_tuning's unfreeze_from is at the last layer that could be tried in 4 "
            "of 5 folds: a wider range (tuning.fine_tuning.unfreeze_from) may do better.",
        ),
        (
            SHARE,
            (0, 3),
            "fine_tuning's augmented_share is at the upper end of what could be tried in 3 "
            "of 5 folds: a wider range (tuning.augmented_share) may do better.",
        ),
    ],
)
def test_an_end_that_most_folds_chose_is_remarked_on(name, ends, said):
    assert remark(name, *ends) == [said]


def test_an_end_that_half_of_the_folds_chose_is_not():
    assert remark(RATE, 2, 2) == []
    assert remark(RATE, 2, 2, folds=4) == []
    assert len(remark(RATE, 1, 0, folds=1)) == 1
    assert remark_on_search(make_search()) == []
