"""The table's figures, by hand on tiny cases and by scikit-learn called another way."""

import numpy as np
import pytest
from sklearn.metrics import classification_report

from tests.answers import make_answers, make_predictions
from threeway.evidence.answers import Predictions
from threeway.evidence.comparison import (
    compare_scenarios,
    list_processors,
    list_results,
    measure_calibration,
    measure_chance,
    rank_confusions,
    score_run,
    score_top_2,
    summarise_answers,
    summarise_runs,
    tabulate_classes,
    tabulate_confusion,
)
from threeway.run import Run

COST = {"parameters": 10, "trainable_parameters": 5, "multiply_adds": 100, "weight_bytes": 40}
COST |= {"networks": 2}
FINAL = {"train_accuracy": 1.0, "val_accuracy": 0.5, "val_loss": 0.4, "best_epoch": 2}
RECORD = {"step": 4, "final": FINAL}


def predictions(actual: list[int], *predicted: list[int], classes: int = 2) -> Predictions:
    """Makes predictions that are 0.8 sure."""
    names = [f"class {index}" for index in range(classes)]
    probabilities = np.full((len(predicted), len(actual), classes), 0.2 / (classes - 1))
    for run, row in enumerate(predicted):
        probabilities[run, np.arange(len(actual)), row] = 0.8
    return make_predictions(names, np.array(actual), probabilities)


def test_figures_by_hand():
    found = summarise_answers(predictions([0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 1]))
    assert found["images"] == 4
    assert found["accuracy"] == pytest.approx(0.875)
    # The seeds differ by less than their answers to single images let expect.
    assert found["accuracy_sd"] == 0
    assert found["accuracy_low"] < 0.875 < found["accuracy_high"]
    # First seed 1; second: class 0 has precision 1, recall 2/3, class 1 has 1/2 and 1.
    assert found["macro_precision"] == pytest.approx((1 + 0.75) / 2)
    assert found["macro_recall"] == pytest.approx((1 + 5 / 6) / 2)
    assert found["macro_f1"] == pytest.approx((1 + (0.8 + 2 / 3) / 2) / 2)
    assert found["log_loss"] == pytest.approx(-np.mean([np.log(0.8)] * 7 + [np.log(0.2)]))


def test_figures_against_scikit_learns_report():
    rng = np.random.default_rng(0)
    actual = rng.integers(0, 4, 200).tolist()
    predicted = [rng.integers(0, 4, 200).tolist() for _ in range(3)]
    found = summarise_answers(predictions(actual, *predicted, classes=4))
    reports = [classification_report(actual, row, output_dict=True) for row in predicted]
    for average in ("macro", "weighted"):
        for ours, theirs in [("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")]:
            expected = np.mean([report[f"{average} avg"][theirs] for report in reports])
            assert found[f"{average}_{ours}"] == pytest.approx(expected)
    assert found["accuracy"] == pytest.approx(np.mean([r["accuracy"] for r in reports]))


def test_a_single_seed_has_no_deviation():
    assert np.isnan(summarise_answers(predictions([0, 1], [0, 1]))["accuracy_sd"])


def test_the_table_has_a_row_a_scenario_and_starts_with_what_the_readers_expect():
    test = {"baseline_cnn": predictions([0, 1], [0, 0]), "fine_tuning": predictions([0, 1], [0, 1])}
    records = {name: {Run(name, 1, 1): RECORD} for name in test}
    table = compare_scenarios(test, "test", records, dict.fromkeys(test, COST))
    assert list(table["scenario"]) == list(test)
    assert list(table.columns[:4]) == ["scenario", "split", "runs", "train_accuracy"]
    assert table["accuracy"].tolist() == [0.5, 1.0]
    assert table["parameters"].tolist() == [10, 10]
    assert table["networks"].tolist() == [2, 2]


def test_confusion_counts_the_mean_over_passes():
    table = tabulate_confusion({"a": predictions([0, 0, 1], [0, 1, 1], [0, 0, 1])})
    found = {(r.actual, r.predicted): (r.images, r.share) for r in table.itertuples()}
    assert found == {
        ("class 0", "class 0"): (1.5, 0.75),
        ("class 0", "class 1"): (0.5, 0.25),
        ("class 1", "class 0"): (0.0, 0.0),
        ("class 1", "class 1"): (1.0, 1.0),
    }


def test_runs_whose_best_epoch_was_their_last_are_unfinished():
    cut = {"step": 4, "final": FINAL | {"train_accuracy": 0.5, "best_epoch": 5}}
    found = summarise_runs([RECORD, cut])
    assert found["unfinished_runs"] == 1
    assert found["epochs"] == 5
    assert found["best_epoch"] == 3.5
    assert found["train_accuracy"] == 0.75


def test_a_class_without_images_has_no_interval():
    table = tabulate_classes({"a": predictions([0, 0], [0, 1], classes=2)})
    assert table["support"].tolist() == [2, 0]
    assert table["recall_low"].isna().tolist() == [False, True]


def test_single_runs_are_listed_with_their_accuracies():
    answers = {"a": predictions([0, 1], [0, 0], [0, 1])}
    records = {Run("a", 1, 1): RECORD, Run("a", 1, 2): RECORD | {"step": 6}}
    found = list_results(answers, {"a": records})
    assert [(run["seed"], run["accuracy"], run["epochs"]) for run in found] == [
        (1, 0.5, 5),
        (2, 1.0, 7),
    ]
    assert found[0]["val_accuracy"] == 0.5


def test_processors_are_listed_once_and_what_trained_nothing_has_none():
    costs = {name: {"processors": found} for name, found in {"a": ["Y", "X"], "b": ["Y"]}.items()}
    assert list_processors(costs | {"machine": {"processor": "Z"}}) == ["X", "Y"]
    assert list_processors({"machine": {"processor": "Z"}}) == []


def test_a_run_is_judged_by_the_images_of_its_own_fold():
    answers = make_answers(np.array([True, True, False, True]), folds=np.array([1, 1, 2, 2]))
    assert [score_run(answers, Run("a", fold, 1)) for fold in (1, 2)] == [1, 0.5]
    # Of val only the first division is looked at.
    assert score_run(answers, Run("a", 3, 1)) is None


def test_chance_by_hand():
    assert measure_chance(predictions([2, 1, 2, 0], [0, 0, 0, 0], classes=4)) == {
        "uniform": 0.25,
        "majority": 0.5,
        "majority_class": "class 2",
    }


def test_calibration_by_hand():
    # Two answers at 0.95, one right; two at 0.55, both right.
    correct = np.array([True, False, True, True])
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    assert measure_calibration(correct, confidence) == pytest.approx((0.45 + 0.45) / 2)
    assert measure_calibration(np.ones(3, bool), np.ones(3)) == 0


def test_top_2_by_hand():
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.4, 0.35, 0.25]])
    assert score_top_2(np.array([1, 1, 2]), probabilities) == pytest.approx(2 / 3)
    assert score_top_2(np.array([1, 0]), np.array([[0.9, 0.1], [0.2, 0.8]])) == 1


def test_classes_are_those_of_scikit_learn_averaged_over_passes():
    rng = np.random.default_rng(1)
    actual = rng.integers(0, 3, 90).tolist()
    predicted = [rng.integers(0, 3, 90).tolist() for _ in range(2)]
    table = tabulate_classes({"a": predictions(actual, *predicted, classes=3)})
    reports = [classification_report(actual, row, output_dict=True) for row in predicted]
    for row in table.itertuples():
        assert row.recall_low < row.recall < row.recall_high
        number = row[2].removeprefix("class ")
        assert row.f1 == pytest.approx(np.mean([report[number]["f1-score"] for report in reports]))
        assert row.support == reports[0][number]["support"]


def test_confusions_are_ranked_over_all_scenarios():
    test = {
        "a": predictions([0, 0, 1, 2], [1, 1, 1, 0], classes=3),
        "b": predictions([0, 0, 1, 2], [1, 0, 1, 2], classes=3),
    }
    found = rank_confusions(tabulate_confusion(test)).to_dict("records")
    assert found == [
        {"actual": "class 0", "predicted": "class 1", "a": 2.0, "b": 1.0},
        {"actual": "class 2", "predicted": "class 0", "a": 1.0, "b": 0.0},
    ]
