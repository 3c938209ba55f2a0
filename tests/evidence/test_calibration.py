"""Probabilities come to say how often an answer is right, by images that judge nothing else."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax, softmax

from tests.answers import make_predictions
from threeway.evidence.answers import Predictions, read_predictions
from threeway.evidence.calibration import (
    LIMITS,
    calibrate,
    calibrate_scenarios,
    expect_error,
    fit_folds,
    fit_temperature,
)
from threeway.evidence.comparison import measure_calibration

CLASSES = ["a", "b", "c"]


def draw(
    count: int, temperature: float, seed: int, spread: float = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Draws answers that are too sure by a temperature: (probabilities, actual classes)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, spread, (count, len(CLASSES)))
    drawn = rng.random(count)[:, None] > np.cumsum(softmax(logits, axis=1), axis=1)
    return softmax(logits * temperature, axis=1), drawn.sum(axis=1)


@pytest.mark.parametrize("temperature", [0.6, 1.0, 1.8, 3.0])
def test_it_finds_by_how_much_answers_are_too_sure(temperature):
    assert fit_temperature(*draw(20_000, temperature, 1)) == pytest.approx(temperature, rel=0.04)


def test_what_is_all_right_or_has_zeros_stays_within_limits():
    sure = np.array([[0.9, 0.1, 0.0]] * 5)
    assert LIMITS[0] < fit_temperature(sure, np.zeros(5, int)) < 1
    assert 1 < fit_temperature(np.eye(3), np.array([1, 2, 0])) <= LIMITS[1]


@pytest.mark.parametrize(("count", "too_sure"), [(28, 1.0), (280, 2.0)])
def test_few_answers_do_little_harm_and_many_do_their_good(count, too_sure):
    def lose(probabilities: np.ndarray, actual: np.ndarray, temperature: float) -> float:
        logs = np.log(np.maximum(probabilities, 1e-12)) / temperature
        return -log_softmax(logs, axis=1)[np.arange(len(actual)), actual].mean()

    gained = []
    for seed in range(100):
        temperature = fit_temperature(*draw(count, too_sure, seed, spread=6))
        fresh = draw(3000, too_sure, 1000 + seed, spread=6)
        gained.append(lose(*fresh, 1.0) - lose(*fresh, temperature))
    assert np.mean(gained) > (-0.015 if too_sure == 1 else 0.05)


def test_it_is_the_most_likely_one_of_all():
    probabilities, actual = draw(40, 1.7, 5)
    grid = np.linspace(*np.log(LIMITS), 4001)
    likely = [
        log_softmax(np.log(probabilities) / np.exp(t), axis=1)[np.arange(40), actual].sum()
        - (t / 0.5) ** 2 / 2
        for t in grid
    ]
    expected = np.exp(grid[np.argmax(likely)])
    assert fit_temperature(probabilities, actual) == pytest.approx(expected, rel=0.003)


def test_class_names_are_read_as_names(tmp_path):
    rows = {"fold": 1, "split": "val", "actual": ["01", "NA", "01"]}
    columns = {"p(01)": [0.9, 0.2, 0.8], "p(NA)": [0.1, 0.8, 0.2]}
    pd.DataFrame(rows | columns).to_csv(tmp_path / "predictions.csv", index=False)
    whole, by_fold = fit_folds(tmp_path / "predictions.csv", ["01", "NA"])
    probabilities = np.column_stack([*columns.values()])
    assert whole == by_fold[1] == fit_temperature(probabilities, np.array([0, 1, 0]))


def write(path: Path, folds: dict[int, float], test: float | None = None) -> None:
    """Writes a predictions.csv of runs that are too sure, each by a temperature of its own, and on
    test by another one, if there is one.
    """
    tables = []
    for fold, temperature in folds.items():
        for seed in (1, 2):
            for split, count in (("val", 3000), ("test", 2000)):
                key = 100 * fold + 10 * seed * (split == "val")
                given = temperature if test is None or split == "val" else test
                probabilities, actual = draw(count, given, key)
                names = [f"{split}-{fold}-{number:05d}" for number in range(count)]
                about = {"fold": fold, "seed": seed, "split": split, "image": names}
                about |= {"group": names, "actual": np.array(CLASSES)[actual]}
                columns = {f"p({name})": probabilities[:, n] for n, name in enumerate(CLASSES)}
                tables.append(pd.DataFrame(about | columns))
    pd.concat(tables).to_csv(path / "predictions.csv", index=False)


def test_each_fold_is_calibrated_by_its_own_validation_images(tmp_path):
    write(tmp_path, {1: 1.5, 2: 3.0})
    judged = {"fine_tuning": read_predictions(tmp_path / "predictions.csv", "test")}
    after, found = calibrate_scenarios({"fine_tuning": tmp_path}, judged, "test")
    figures = found["fine_tuning"]
    assert [*figures.by_fold] == [1, 2]
    assert figures.by_fold[1] == pytest.approx(1.5, rel=0.06)
    assert figures.by_fold[2] == pytest.approx(3.0, rel=0.06)
    assert 1.5 < figures.temperature < 3.0
    assert figures.error_after < 0.25 * figures.error_before
    assert figures.log_loss_after < figures.log_loss_before
    # What is left is what chance leaves.
    assert 0.5 < figures.error_after / figures.error_by_chance < 2
    confidence = after["fine_tuning"].probabilities.max(axis=2)
    expected = np.mean([expect_error(some) for some in confidence])
    assert figures.error_by_chance == pytest.approx(expected)
    # Nothing is called otherwise.
    assert (after["fine_tuning"].predicted == judged["fine_tuning"].predicted).all()
    assert after["fine_tuning"].probabilities.sum(axis=2) == pytest.approx(1)


def test_what_it_is_fitted_to_does_not_measure_it(tmp_path):
    write(tmp_path, {1: 1.5})
    judged = {"fine_tuning": read_predictions(tmp_path / "predictions.csv", "val")}
    _, found = calibrate_scenarios({"fine_tuning": tmp_path}, judged, "val")
    figures = found["fine_tuning"]
    assert figures.temperature == figures.by_fold[1] == pytest.approx(1.5, rel=0.06)
    assert figures.error_before is figures.error_after is figures.log_loss_after is None
    assert figures.log_loss_before is figures.error_by_chance is None


def test_a_temperature_goes_to_the_answers_of_its_fold():
    probabilities = np.array([[[0.8, 0.2], [0.8, 0.2]], [[0.2, 0.8], [0.0, 1.0]]])
    folds = np.array([[1, 2], [2, 1]])
    answers = make_predictions(["a", "b"], [0, 0], probabilities, folds=folds)
    found: Predictions = calibrate(answers, {1: 2.0, 2: 1.0})
    assert found.probabilities[0, 0] == pytest.approx([2 / 3, 1 / 3])
    assert found.probabilities[0, 1] == pytest.approx([0.8, 0.2])
    assert found.probabilities[1, 0] == pytest.approx([0.2, 0.8])
    assert found.probabilities[1, 1] == pytest.approx([0, 1], abs=1e-5)


def test_chance_leaves_an_error_where_all_is_calibrated():
    """By hand, and by answers that are right as often as they are sure."""
    # One bin of four answers: a mean's deviation is the root of 0.24 / 4, its mean size less.
    assert expect_error(np.full(4, 0.6)) == pytest.approx(np.sqrt(2 / np.pi * 0.06))
    assert expect_error(np.ones(7)) == 0
    rng = np.random.default_rng(3)
    confidence = rng.beta(6, 1, 1000)
    found = [measure_calibration(rng.random(1000) < confidence, confidence) for _ in range(400)]
    assert expect_error(confidence) == pytest.approx(np.mean(found), rel=0.05)


def test_what_is_judged_does_not_choose_the_temperature(tmp_path):
    write(tmp_path, {1: 1.5}, test=4.0)
    whole, by_fold = fit_folds(tmp_path / "predictions.csv", CLASSES)
    assert whole == by_fold[1] == pytest.approx(1.5, rel=0.06)
