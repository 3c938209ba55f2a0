"""Simulates how often intervals hold the truth, and how often verdicts are wrong.

    python -m benchmarks.coverage [EXPERIMENTS]

In each experiment images are drawn afresh from a pool and divided into folds by the project's own
division, learners are trained on each fold, and the pool's other images tell how good they
truly are: the truth is the mean over all experiments. Where no pool is large enough to train on so
often, answers are drawn from a model of images of different difficulty and of networks of different
luck. Prints Markdown tables.
"""

import itertools
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.datasets import load_digits, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from threeway.evidence.answers import Predictions
from threeway.evidence.decision import decide
from threeway.evidence.significance import compare_pairs
from threeway.evidence.uncertainty import (
    DIFFERENCE_RANGE,
    bound_difference,
    estimate_accuracy,
    estimate_macro_f1,
    estimate_mean,
    score_answers,
)
from threeway.intake.splitting import assign_folds
from threeway.reading.markup import align_table
from threeway.scenarios import SCENARIOS

FOLDS, MARGIN = 5, 0.02
FRACTIONS = {"train": 0.7, "val": 0.15, "test": 0.15}


@dataclass(frozen=True)
class Pool:
    """Images to draw from.

    Attributes:
        inputs: (images, features).
        labels: (images,) int.
        copies: of each image, that are drawn with it.
        noise: standard deviation of what tells copies apart.
    """

    inputs: np.ndarray
    labels: np.ndarray
    copies: int = 1
    noise: float = 0.3


def make_pool(weights: list[float] | None = None, copies: int = 1) -> Pool:
    inputs, labels = make_classification(
        40_000, n_features=30, n_informative=10, n_redundant=5, n_classes=4, flip_y=0.1,
        class_sep=1.2, weights=weights, random_state=0,
    )  # fmt: skip
    return Pool(inputs, labels, copies)


def shift_digits() -> Pool:
    """Shifts handwritten digits by up to a pixel: much is left to learn from more of them."""
    digits = load_digits()
    padded = np.pad(digits.images, ((0, 0), (1, 1), (1, 1)))
    shifted = [np.roll(padded, by, axis=(1, 2)) for by in itertools.product((-1, 0, 1), repeat=2)]
    return Pool(np.concatenate(shifted).reshape(-1, 100), np.tile(digits.target, len(shifted)))


def ridge(_: int) -> object:
    return RidgeClassifier()


def logistic(strength: float) -> Callable[[int], object]:
    return lambda _: make_pipeline(StandardScaler(), LogisticRegression(C=strength))


def net(seed: int) -> object:
    return make_pipeline(
        StandardScaler(), MLPClassifier((32,), max_iter=60, random_state=seed, early_stopping=True)
    )


def draw(pool: Pool, images: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Draws images and their copies: (table of path, class and group, their rows in the pool)."""
    rows = rng.choice(len(pool.labels), images // pool.copies, replace=False).repeat(pool.copies)
    names = [f"{number:05d}" for number in range(len(rows))]
    classes = pool.labels[rows].astype(str)
    table = pd.DataFrame({"path": names, "class": classes, "group": rows.astype(str)})
    return table.assign(split=""), rows


def run(
    pool: Pool, learners: list[Callable], images: int, repeats: int, seed: int
) -> tuple[list[Predictions], np.ndarray]:
    """Runs one experiment: (answers of each learner, true accuracy and macro F1 of each)."""
    rng = np.random.default_rng(seed)
    table, rows = draw(pool, images, rng)
    inputs = pool.inputs[rows] + rng.normal(0, pool.noise if pool.copies > 1 else 0, (len(rows), 1))
    others = np.setdiff1d(np.arange(len(pool.labels)), rows)
    folds = assign_folds(table, FRACTIONS, FOLDS, repeats, seed)
    named = np.zeros((len(learners), repeats, len(rows)), int)
    division, truth = np.zeros((repeats, len(rows)), int), np.zeros((len(learners), len(folds), 2))
    for number, splits in enumerate(folds):
        train, test = (splits != "test").to_numpy(), (splits == "test").to_numpy()
        division[number // FOLDS, test] = number + 1
        for learner, make in enumerate(learners):
            model = make(int(rng.integers(2**31))).fit(inputs[train], pool.labels[rows[train]])
            named[learner, number // FOLDS, test] = model.predict(inputs[test])
            known, answers = pool.labels[others], model.predict(pool.inputs[others])
            truth[learner, number] = (
                accuracy_score(known, answers),
                f1_score(known, answers, average="macro"),
            )
    groups, actual = table["group"].to_numpy(), pool.labels[rows]
    return [collect(one, actual, division, groups) for one in named], truth.mean(axis=1)


def collect(
    named: np.ndarray, actual: np.ndarray, division: np.ndarray, groups: np.ndarray
) -> Predictions:
    """Makes answers: (repeats, images) int, the class that each fold's network named."""
    repeats, images = named.shape
    num_classes = int(max(named.max(), actual.max())) + 1
    return Predictions(
        classes=[str(number) for number in range(num_classes)],
        repeats=np.arange(repeats),
        seeds=np.zeros(repeats, int),
        folds=division,
        images=np.arange(images).astype(str),
        groups=groups,
        actual=actual,
        probabilities=np.eye(num_classes)[named],
    )


def measure(
    name: str, pool: Pool, learners: list[Callable], images: int, experiments: int, repeats: int = 1
) -> dict[str, str]:
    """Counts how often intervals of an accuracy, a macro F1 and a difference hold the truth."""
    runs = Parallel(n_jobs=-1)(
        delayed(run)(pool, learners, images, repeats, seed) for seed in range(experiments)
    )
    truth = np.mean([true for _, true in runs], axis=0)
    accuracies, macro_f1s, differences, widths = [], [], [], []
    for (first, second), _ in runs:
        _, low, high = estimate_accuracy(first)
        accuracies.append(low <= truth[0, 0] <= high)
        _, low, high = estimate_macro_f1(first)
        macro_f1s.append(low <= truth[0, 1] <= high)
        values = first.correct.astype(float) - second.correct
        estimate = estimate_mean(score_answers(values, first, DIFFERENCE_RANGE))
        low, high = bound_difference(estimate)
        differences.append(low <= truth[0, 0] - truth[1, 0] <= high)
        widths.append(high - low)
    return {
        "learners": name,
        "images": f"{images:,}",
        "division": f"{repeats} x {FOLDS}",
        "accuracies": " and ".join(f"{100 * share:.1f}" for share in truth[:, 0]),
        "accuracy holds": f"{100 * np.mean(accuracies):.1f}",
        "macro F1 holds": f"{100 * np.mean(macro_f1s):.1f}",
        "difference holds": f"{100 * np.mean(differences):.1f}",
        "width, points": f"{100 * np.mean(widths):.1f}",
    }


def simulate(
    accuracies: list[float], images: int, run_sd: float, repeats: int, seed: int
) -> dict[str, Predictions]:
    """Draws the answers of three scenarios, whose networks differ in luck from fold to fold.

    Images are hard or easy for all, and some for one alone.
    """
    rng = np.random.default_rng(seed)
    shared, groups = rng.normal(0, 2.0, images), np.arange(images).astype(str)
    division = np.stack(
        [rng.permutation(images) % FOLDS + 1 + FOLDS * repeat for repeat in range(repeats)]
    )
    found = {}
    for name, accuracy in zip(SCENARIOS, accuracies, strict=True):
        ease = shared + rng.normal(0, 1.0, images)
        # Ranked, so that the share that is right is the accuracy exactly, whatever the spread.
        chance = np.empty(images)
        chance[np.argsort(-ease)] = (np.arange(images) + 0.5) / images
        luck = rng.normal(0, run_sd, FOLDS * repeats + 1)
        noise = rng.normal(0, 0.05, (repeats, images))
        wrong = chance + noise >= accuracy + luck[division]
        found[name] = collect(wrong.astype(int), np.zeros(images, int), division, groups)
    return found


def judge_equals(images: int, run_sd: float, repeats: int, experiments: int) -> dict[str, str]:
    """Counts how often one of three equal scenarios is called better, and how often one is called
    as good that is worse by the margin.
    """
    wins = as_good = 0
    costs = {"trainable_parameters": [3, 1, 2], "multiply_adds": 1, "parameters": 1}
    for seed in range(experiments):
        equal = compare_pairs(simulate([0.9] * 3, images, run_sd, repeats, seed), MARGIN)
        wins += any(pair.p_value < 0.05 for pair in equal)
        worse = [0.9, 0.9 - MARGIN, 0.9]
        judged = simulate(worse, images, run_sd, repeats, seed + experiments)
        table = pd.DataFrame({"scenario": SCENARIOS, "split": "test", "images": images, **costs})
        table = table.assign(
            accuracy=[answers.correct.mean() for answers in judged.values()],
            accuracy_low=0.8,
            unfinished_runs=0,
        )
        found = decide(table, compare_pairs(judged, MARGIN), 0.1, MARGIN, "training")
        as_good += "feature_extraction" in found.equivalent
    return {
        "images": f"{images:,}",
        "division": f"{repeats} x {FOLDS}",
        "sd between networks, points": f"{100 * run_sd:g}",
        "one of three equals called better, %": f"{100 * wins / experiments:.1f}",
        "worse by the margin called as good, %": f"{100 * as_good / experiments:.1f}",
    }


def main() -> None:
    # Nets that stop before they have converged are as good a rival as any. Of all processes.
    os.environ["PYTHONWARNINGS"] = "ignore"
    warnings.simplefilter("ignore", ConvergenceWarning)
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    digits = shift_digits()
    plain, uneven = make_pool(), make_pool([0.45, 0.3, 0.17, 0.08], copies=3)
    linear, strong = [ridge, logistic(1.0)], [logistic(100.0), logistic(0.01)]
    cases = [
        ("ridge and logistic regression", plain, linear, 300, 1),
        ("ridge and logistic regression", plain, linear, 2000, 1),
        ("the same, copies in threes, uneven classes", uneven, linear, 600, 1),
        ("net and logistic regression", plain, [net, logistic(1.0)], 600, 1),
        ("net and logistic regression", plain, [net, logistic(1.0)], 600, 2),
        ("net, copies in threes, uneven classes", uneven, [net, logistic(1.0)], 600, 1),
        ("shifted digits: logistic regressions, weak and strong penalty", digits, strong, 300, 1),
        ("shifted digits: logistic regressions, weak and strong penalty", digits, strong, 2000, 1),
    ]
    rows = []
    for name, pool, learners, images, repeats in cases:
        rows.append(measure(name, pool, learners, images, experiments, repeats))
        print(rows[-1], file=sys.stderr, flush=True)
    print(align_table(pd.DataFrame(rows)), end="\n\n")
    settings = [(300, 0.0, 1), (300, 0.03, 1), (1500, 0.0, 1), (1500, 0.01, 1), (1500, 0.03, 1)]
    settings += [(1500, 0.03, 2)]
    print(align_table(pd.DataFrame([judge_equals(*one, experiments) for one in settings])))


if __name__ == "__main__":
    main()
