"""How often a scenario is right where it answers only what it is surest of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import estimate_accuracy

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
    """Ranks images, that whose answer is surest first: (images,) int.

    Args:
        answers: with calibrated probabilities, so that those of different folds can be compared.
    """
    sureness = answers.probabilities.max(axis=2).mean(axis=0)
    return np.argsort(-sureness, kind="stable")


def abstain(calibrated: dict[str, Predictions]) -> list[Answered]:
    """Says how often scenarios are right on the images that they are surest of: see SHARES.

    Args:
        calibrated: answers by scenario, with calibrated probabilities.
    """
    found = []
    for scenario, answers in calibrated.items():
        order = rank_by_sureness(answers)
        for share in SHARES:
            count = max(round(share * len(order)), 1)
            chosen = np.zeros(len(order), bool)
            chosen[order[:count]] = True
            estimate, low, high = estimate_accuracy(answers, chosen)
            found.append(Answered(scenario, share, count, estimate.mean, low, high))
    return found


def follow_abstention(calibrated: dict[str, Predictions]) -> pd.DataFrame:
    """Follows the accuracy over the share that is answered: scenario, share, accuracy.

    Args:
        calibrated: as for abstain.
    """
    tables = []
    for scenario, answers in calibrated.items():
        right = answers.correct.mean(axis=0)[rank_by_sureness(answers)]
        counts = np.arange(1, len(right) + 1)
        accuracies = np.cumsum(right) / counts
        # Of the first handful each one shows, and nothing else.
        least = min(20, len(right))
        shown = np.unique(np.linspace(least, len(right), MOST_POINTS).round().astype(int)) - 1
        about = {"scenario": scenario, "share": counts[shown] / len(right)}
        tables.append(pd.DataFrame(about | {"accuracy": accuracies[shown]}))
    return pd.concat(tables, ignore_index=True)
