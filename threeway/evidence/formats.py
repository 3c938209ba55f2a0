"""What the formats of small devices change: accuracy beside that of the network in Keras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions, order_rows, take_seed
from threeway.evidence.uncertainty import (
    ACCURACY_RANGE,
    DIFFERENCE_RANGE,
    bound_difference,
    estimate_mean,
    estimate_share,
    score_answers,
)
from threeway.evidence.wording import join, name_points, points
from threeway.settings import EXPORTS

# What a format does to the accuracy, beside the margin: it is kept, lost, or that cannot be told.
KEPT, LOST, UNSURE = "kept", "lost", "unsure"


@dataclass(frozen=True)
class Format:
    """What a format does to a scenario's answers.

    Attributes:
        scenario, format: which.
        accuracy, low, high: with its 95 % interval.
        difference, difference_low, difference_high: from that of Keras on the same images.
        same: share of images that are called what Keras calls them.
        change: the largest of a probability.
        answer: KEPT where the interval of the difference excludes a loss of the margin, or no image
            is called otherwise; LOST where it excludes that less is lost; else UNSURE.
    """

    scenario: str
    format: str
    accuracy: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    same: float
    change: float
    answer: str


def compare_formats(
    table: pd.DataFrame, judged: dict[str, Predictions], margin: float
) -> list[Format]:
    """Compares each format with Keras.

    Args:
        table: of formats.csv (see threeway/model/proof.py), as read_rows reads it.
        judged: answers by scenario, of the same images.
        margin: a loss that does not matter.
    """
    found = []
    for scenario, answers in judged.items():
        rows = table[table["scenario"] == scenario]
        if len(rows):
            own = take_seed(answers, int(rows["seed"].iloc[0]))
            known = order_rows(rows, own)
            names = [name for name in EXPORTS if name in rows.columns]
            found += [compare_format(known, own, scenario, name, margin) for name in names]
    return found


def compare_format(
    rows: pd.DataFrame, answers: Predictions, scenario: str, name: str, margin: float
) -> Format:
    """Compares one format with Keras: rows in the order of the answers."""
    shape = answers.folds.shape
    right, keras = (rows[column].to_numpy(np.float64).reshape(shape) for column in (name, "keras"))
    estimate, low, high = estimate_share(score_answers(right, answers, ACCURACY_RANGE))
    change = estimate_mean(score_answers(right - keras, answers, DIFFERENCE_RANGE))
    change_low, change_high = bound_difference(change)
    same = float(rows[f"{name}_same"].mean())
    kept, lost = change_low > -margin or same == 1, change_high < -margin
    return Format(
        scenario=scenario,
        format=name,
        accuracy=estimate.mean,
        low=low,
        high=high,
        difference=change.mean,
        difference_low=change_low,
        difference_high=change_high,
        same=same,
        change=float(rows[f"{name}_change"].max()),
        answer=KEPT if kept else LOST if lost else UNSURE,
    )


def describe_formats(formats: Sequence[Format], scenario: str, margin: float) -> list[str]:
    """Says of a scenario which formats lose accuracy, and which may.

    Args:
        formats: of compare_formats.
        scenario: the one that is shown.
        margin: a loss that does not matter.
    """
    own = [one for one in formats if one.scenario == scenario]
    told = [
        f"On a device as {one.format} {scenario} loses {points(-one.difference)} points "
        f"({points(-one.difference_high)} to {points(-one.difference_low)}): use another format."
        for one in own
        if one.answer == LOST
    ]
    unsure = [one.format for one in own if one.answer == UNSURE]
    if unsure:
        told.append(
            f"Whether {join(unsure)} on a device loses more than {name_points(margin)} cannot be "
            "told from these images."
        )
    return told
