"""How often a scenario is right where it answers only what it is surest of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import estimate_share, score_answers

# Of all images, those that are answered.
SHARES = (1.0, 0.9, 0.8, 0.7, 0.5)
# Points of a curve: as many as a picture can show.
MOST_POINTS = 200


@dataclass(frozen=True)
class Answered:
    """The accuracy where a share of the images is answered.

    Attributes:
        scenario: its name.
        share: of the images.
        images: how many these are.
        accuracy, low, high: on them, with its 95 % interval.
    """

    scenario: str
    share: float
    images: int
    accuracy: float
    low: float
    high: float


def rank_by_sureness(answers: Predictions) -> np.ndarray:
    """Ranks the images of each pass, that whose answer is surest first: (passes, images) int.

    Each pass by itself, as one network has to: several know better together what is hard.

    Args:
        answers: with calibrated probabilities, so that those of different folds can be compared.
    """
    return np.argsort(-answers.probabilities.max(axis=2), axis=1, kind="stable")


def estimate_answered(
    answers: Predictions, order: np.ndarray, count: int
) -> tuple[float, float, float]:
    """Estimates the accuracy on the images that each pass is surest of: (mean, low, high).

    An answered image adds as much more than one of all images as fewer are answered, and so do the
    pseudo-images of the interval; one that is not answered adds nothing.

    Args:
        answers: with calibrated probabilities.
        order: (passes, images), see rank_by_sureness.
        count: of images that are answered.
    """
    answered = np.zeros(order.shape, bool)
    np.put_along_axis(answered, order[:, :count], True, axis=1)
    right = answers.correct[answered].reshape(len(order), count).mean(axis=1, keepdims=True)
    more = order.shape[1] / count
    values = right + more * answered * (answers.correct - right)
    accuracy = float(right.mean())
    limits = accuracy - more * accuracy, accuracy + more * (1 - accuracy)
    _, low, high = estimate_share(score_answers(values, answers, limits))
    return accuracy, low, high


def abstain(calibrated: dict[str, Predictions]) -> list[Answered]:
    """Says how often scenarios are right on the images that they are surest of: see SHARES.

    Args:
        calibrated: answers by scenario, with calibrated probabilities.
    """
    found = []
    for scenario, answers in calibrated.items():
        order = rank_by_sureness(answers)
        for share in SHARES:
            count = max(round(share * order.shape[1]), 1)
            found.append(
                Answered(scenario, share, count, *estimate_answered(answers, order, count))
            )
    return found


def follow_abstention(calibrated: dict[str, Predictions]) -> pd.DataFrame:
    """Follows the accuracy over the share that is answered: scenario, share, accuracy.

    Args:
        calibrated: as for abstain.
    """
    tables = []
    for scenario, answers in calibrated.items():
        ranked = np.take_along_axis(answers.correct, rank_by_sureness(answers), axis=1)
        right = ranked.mean(axis=0)
        counts = np.arange(1, len(right) + 1)
        accuracies = np.cumsum(right) / counts
        # Of the first handful each one shows, and nothing else.
        least = min(20, len(right))
        shown = np.unique(np.linspace(least, len(right), MOST_POINTS).round().astype(int)) - 1
        about = {"scenario": scenario, "share": counts[shown] / len(right)}
        tables.append(pd.DataFrame(about | {"accuracy": accuracies[shown]}))
    return pd.concat(tables, ignore_index=True)
