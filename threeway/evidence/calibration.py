"""Whether answers that are given with 80 % are right in 80 of 100 cases, and how they come to be.

Source: Guo et al., "On calibration of modern neural networks", 2017.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from threeway.evidence.answers import Predictions
from threeway.evidence.comparison import bin_number, score_pass
from threeway.predictions import probability_columns
from threeway.run import PREDICTIONS

# Between which a temperature is looked for.
LIMITS = (0.2, 10.0)
# What is known of its logarithm before any image is seen: about 0, with this standard deviation.
# Where all of a small val is right, none would be low enough otherwise.
PRIOR_SD = 0.5
# The least probability that is looked at: files have six significant digits, and zeros.
LEAST = 1e-12


@dataclass(frozen=True)
class Calibration:
    """What a temperature does to a scenario's probabilities.

    Attributes:
        temperature: fitted to the validation images of all folds, for a model trained on all.
        by_fold: fitted to those of each fold, by its number.
        error_before, error_after: the expected calibration error of the judged answers, each with
            the temperature of its fold; None where the judged images are those that it is fitted
            to.
        log_loss_before, log_loss_after: likewise.
        error_by_chance: what as many answers that are as sure would show, were they calibrated.
    """

    temperature: float
    by_fold: dict[int, float]
    error_before: float | None = None
    error_after: float | None = None
    log_loss_before: float | None = None
    log_loss_after: float | None = None
    error_by_chance: float | None = None


def fit_temperature(probabilities: np.ndarray, actual: np.ndarray) -> float:
    """Fits the most likely temperature: of many answers, that at which the log loss is least.

    Of few answers PRIOR_SD draws it towards 1. In simulations (tests/evidence/test_calibration.py)
    28 calibrated answers, of which 88 % were right, raised the log loss by 0.05 without that, and
    by 0.01 with it; 280 too sure ones lowered it by the same 0.07 either way.

    Args:
        probabilities: (answers, classes).
        actual: (answers,) int.
    """
    logs = np.log(np.maximum(probabilities, LEAST))
    rows = np.arange(len(actual))

    def loss(log_temperature: float) -> float:
        likely = log_softmax(logs / np.exp(log_temperature), axis=1)[rows, actual].sum()
        return (log_temperature / PRIOR_SD) ** 2 / 2 - likely

    return float(np.exp(minimize_scalar(loss, bounds=np.log(LIMITS), method="bounded").x))


def fit_folds(path: Path, classes: list[str]) -> tuple[float, dict[int, float]]:
    """Fits temperatures to validation images: (one for all folds, one for each).

    Args:
        path: of a scenario's predictions.csv.
        classes: class names.
    """
    text = {"split": str, "actual": str}
    table = pd.read_csv(path, dtype=text, keep_default_na=False)
    table = table[table["split"] == "val"]
    found = table[probability_columns(classes)].to_numpy(np.float64)
    actual = table["actual"].map(classes.index).to_numpy(np.int64)
    folds = table["fold"].to_numpy()
    by_fold = {
        int(fold): fit_temperature(found[folds == fold], actual[folds == fold])
        for fold in np.unique(folds)
    }
    return fit_temperature(found, actual), by_fold


def calibrate(answers: Predictions, by_fold: Mapping[int, float]) -> Predictions:
    """Divides what goes into the softmax of each answer by the temperature of its fold."""
    temperatures = np.vectorize(by_fold.__getitem__, otypes=[float])(answers.folds)
    logs = np.log(np.maximum(answers.probabilities, LEAST))
    return replace(answers, probabilities=softmax(logs / temperatures[..., None], axis=2))


def calibrate_scenarios(
    folders: Mapping[str, Path], judged: Mapping[str, Predictions], split: str
) -> tuple[dict[str, Predictions], dict[str, Calibration]]:
    """Calibrates each scenario's answers: (these, what that does), by scenario.

    Args:
        folders: with a predictions.csv each, by scenario.
        judged: the answers that scenarios are judged by.
        split: whose these are, "test" or "val".
    """
    answers, found = {}, {}
    for scenario, own in judged.items():
        temperature, by_fold = fit_folds(folders[scenario] / PREDICTIONS, own.classes)
        answers[scenario] = calibrate(own, by_fold)
        # What is fitted to images is not measured on them.
        measured = measure(own, answers[scenario]) if split == "test" else {}
        found[scenario] = Calibration(temperature, by_fold, **measured)
    return answers, found


def measure(before: Predictions, after: Predictions) -> dict[str, float]:
    """Measures calibration error and log loss before and after, mean over passes."""
    figures = {}
    for when, answers in (("before", before), ("after", after)):
        scores = [score_pass(answers, number) for number in range(len(answers.seeds))]
        for name, key in (("error", "calibration_error"), ("log_loss", "log_loss")):
            figures[f"{name}_{when}"] = float(np.mean([score[key] for score in scores]))
    by_chance = [expect_error(confidence) for confidence in after.probabilities.max(axis=2)]
    return figures | {"error_by_chance": float(np.mean(by_chance))}


def expect_error(confidence: np.ndarray) -> float:
    """Computes the calibration error to be expected of answers that are right as often as they are
    sure: each bin's share of right ones still differs from it by chance, here a normal deviation.

    Args:
        confidence: (answers,), the winner's probability.
    """
    variance = pd.Series(confidence * (1 - confidence)).groupby(bin_number(confidence)).sum()
    return float(np.sqrt(2 / np.pi * variance).sum() / len(confidence))
