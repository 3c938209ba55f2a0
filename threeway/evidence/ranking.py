"""How well a scenario ranks the images of one class before all others: ROC and precision-recall.

One class against the rest, all out-of-fold answers together: probabilities of networks of several
folds stand in one ranking, as they would if one did not know which network answers.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import (
    bound_accuracy,
    estimate_accuracy,
    estimate_mean,
    score_answers,
)
from threeway.predictions import normalise

# What a row of ranking.csv is of: one class, or the mean over all.
CLASS, MEAN = "class", "mean"
# Points of a curve: as many as a picture can show.
MOST_POINTS = 200
# Classes that curves are of: as many as can be told apart by their colours.
MOST_CURVES = 9


def linearise_auc(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Says what each image adds to the area under the ROC curve, to the first order: (images,)
    float, whose mean is the area.

    Source: DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated
    receiver operating characteristic curves", 1988, whose placements these are.

    Args:
        scores: (images,) float.
        positive: (images,) bool, some and not all.
    """
    placements = np.empty(len(scores))
    inside, outside = np.sort(scores[positive]), np.sort(scores[~positive])
    placements[positive] = place(scores[positive], outside)
    placements[~positive] = 1 - place(scores[~positive], inside)
    area = placements[positive].mean()
    share = np.where(positive, positive.mean(), 1 - positive.mean())
    return area + (placements - area) / share


def place(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Computes the share of other scores, sorted, that each is above; of equal ones a half."""
    below, up_to = (np.searchsorted(others, scores, side) for side in ("left", "right"))
    return (below + up_to) / 2 / len(others)


def linearise_average_precision(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Says what each image adds to the average precision, to the first order: (images,) float,
    whose mean is the average precision.

    An image changes it where it is positive, by the precision at its own score, and where its score
    is at least that of another positive one, by what it does to the precision there.

    Args:
        scores: (images,) float.
        positive: (images,) bool, some and not all.
    """
    num_images, num_positive = len(scores), int(positive.sum())
    ranked, hits = np.sort(scores), np.sort(scores[positive])
    above = num_images - np.searchsorted(ranked, scores, "left")
    precision = (num_positive - np.searchsorted(hits, scores, "left")) / above
    figure = precision[positive].mean()
    # Sums over the positive images whose score is at most this one's.
    order = np.argsort(scores[positive], kind="stable")
    weights = num_images / above[positive][order] / num_positive
    ends = np.searchsorted(hits, scores, "right")
    sums = [np.concatenate([[0.0], np.cumsum(some)])[ends] for some in
            (weights, weights * precision[positive][order])]  # fmt: skip
    own = positive * (precision - figure) * num_images / num_positive
    return figure + own + positive * sums[0] - sums[1]


FIGURES = {"auc": linearise_auc, "average_precision": linearise_average_precision}


def tabulate_ranking(judged: dict[str, Predictions]) -> pd.DataFrame:
    """Tabulates AUC and average precision of each class, and their mean over classes, with 95 %
    intervals: scenario, of (CLASS or MEAN), class, and each figure with its low and high.

    A class without images, or one that all images have, has none. Figures are means over passes.
    """
    rows = []
    for scenario, answers in judged.items():
        values = {name: linearise_classes(answers, name) for name in FIGURES}
        for label, class_name in enumerate(answers.classes):
            own = {name: some[label] for name, some in values.items()}
            about = {"scenario": scenario, "of": CLASS, "class": class_name}
            rare = count_rarer(answers, label)
            rows.append(about | estimate_figures(own, answers, rare))
        means = {name: average_known(list(some)) for name, some in values.items()}
        about = {"scenario": scenario, "of": MEAN, "class": ""}
        rows.append(about | estimate_figures(means, answers, len(np.unique(answers.groups))))
    return pd.DataFrame(rows)


def linearise_classes(answers: Predictions, name: str) -> list[np.ndarray | None]:
    """Says what each image adds to a figure: of each class (passes, images); None without one."""
    probabilities, found = normalise(answers.probabilities), []
    for label in range(len(answers.classes)):
        positive = answers.actual == label
        known = positive.any() and not positive.all()
        passes = (
            [FIGURES[name](some[:, label], positive) for some in probabilities] if known else []
        )
        found.append(np.stack(passes) if known else None)
    return found


def average_known(values: list[np.ndarray | None]) -> np.ndarray | None:
    """Averages over the classes that have a figure."""
    known = [some for some in values if some is not None]
    return np.mean(known, axis=0) if known else None


def count_rarer(answers: Predictions, label: int) -> int:
    """Counts the groups of images on the rarer side of a class: in it, or outside."""
    inside = answers.actual == label
    return min(len(np.unique(answers.groups[side])) for side in (inside, ~inside))


def estimate_figures(
    values: dict[str, np.ndarray | None], answers: Predictions, rare: int
) -> dict[str, float]:
    """Estimates figures and their intervals.

    Args:
        values: (passes, images) what each image adds, by figure; None without one.
        answers: whose these are.
        rare: groups of images on the rarer side of the class.
    """
    found = {}
    for name, some in values.items():
        figures = (float("nan"),) * 3 if some is None else bound_figure(some, answers, rare)
        found |= dict(zip((name, f"{name}_low", f"{name}_high"), figures, strict=True))
    return found


def bound_figure(values: np.ndarray, answers: Predictions, rare: int) -> tuple[float, float, float]:
    """Bounds a figure by Wilson's interval: (figure, low, high).

    An image of a rare class adds more than one of all images, and few such tell how much: Student's
    t has as many degrees of freedom as they allow, and the pseudo-groups weigh more by the root of
    their rarity, which is a calibration by simulation.

    Args:
        values: (passes, images) what each image adds.
        answers: whose these are.
        rare: groups of images on the rarer side of the class.
    """
    figure = float(values.mean())
    weight = np.sqrt(len(np.unique(answers.groups)) / rare)
    limits = figure - weight * figure, figure + weight * (1 - figure)
    estimate = estimate_mean(score_answers(values, answers, limits))
    estimate = replace(estimate, freedom=min(estimate.freedom, max(rare - 1, 1)))
    return figure, *bound_accuracy(estimate)


def tabulate_curves(
    judged: dict[str, Predictions], ranking: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulates the curves of each scenario and class, by the mean probability over passes; of many
    classes those that are ranked worst.

    Args:
        judged: answers by scenario.
        ranking: as tabulate_ranking makes it.

    Returns:
        (scenario, class, false_positive_rate, true_positive_rate), and (scenario, class, recall,
        precision).
    """
    columns = ["scenario", "class", "false_positive_rate", "true_positive_rate"]
    roc = [pd.DataFrame(columns=columns)]
    precision_recall = [pd.DataFrame(columns=["scenario", "class", "recall", "precision"])]
    shown = choose_curves(ranking)
    for scenario, answers in judged.items():
        probabilities = normalise(answers.probabilities).mean(axis=0)
        for label, class_name in enumerate(answers.classes):
            if class_name not in shown:
                continue
            positive = answers.actual == label
            about = {"scenario": scenario, "class": class_name}
            false, true, _ = roc_curve(positive, probabilities[:, label])
            false, true = thin(false, true)
            rates = {"false_positive_rate": false, "true_positive_rate": true}
            roc.append(pd.DataFrame(about | rates))
            precision, recall, _ = precision_recall_curve(positive, probabilities[:, label])
            recall, precision = thin(recall[::-1], precision[::-1])
            precision_recall.append(
                pd.DataFrame(about | {"recall": recall, "precision": precision})
            )
    # A table without rows says nothing of what its columns hold.
    roc, precision_recall = (some[1:] or some for some in (roc, precision_recall))
    return pd.concat(roc, ignore_index=True), pd.concat(precision_recall, ignore_index=True)


def choose_curves(ranking: pd.DataFrame) -> set[str]:
    """Chooses the classes that curves are of: those with the lowest AUC, mean over scenarios."""
    known = ranking[(ranking["of"] == CLASS) & ranking["auc"].notna()]
    means = known.groupby("class")["auc"].mean().sort_values(kind="stable")
    return {*means.index[:MOST_CURVES]}


def thin(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Takes at most MOST_POINTS of a curve's points, as far from each other along it."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    wanted = np.linspace(0, lengths[-1], MOST_POINTS)
    chosen = np.unique(np.searchsorted(lengths, wanted - 1e-12))
    return x[chosen].round(5), y[chosen].round(5)


def tabulate_two(judged: dict[str, Predictions]) -> pd.DataFrame:
    """Tabulates sensitivity and specificity, with 95 % intervals, where there are two classes; the
    second one counts as positive. No row where there are more, or one has no images.
    """
    rows = []
    for scenario, answers in judged.items():
        positive = answers.actual == 1
        if len(answers.classes) != 2 or positive.all() or not positive.any():
            continue
        row = {"scenario": scenario, "positive": answers.classes[1]}
        for name, chosen in (("sensitivity", positive), ("specificity", ~positive)):
            estimate, low, high = estimate_accuracy(answers, chosen)
            row |= {name: estimate.mean, f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)
