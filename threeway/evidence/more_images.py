"""What networks can do that were trained on fewer images, and in words what more would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions, order_rows, take_seed
from threeway.evidence.growth import Forecast, Reason, Size, find_crossing, forecast
from threeway.evidence.uncertainty import ACCURACY_RANGE, Scores, estimate_share, score_answers
from threeway.evidence.wording import points

REASONS = {
    Reason.TOO_FEW_SIZES: "fewer than three shares of the images were tried",
    Reason.FALLING: "its accuracy fell somewhere when images were added",
    Reason.POOR_FIT: "its accuracy does not grow along the curve that is usual (a power law)",
}


@dataclass(frozen=True)
class Point:
    """The accuracy of networks trained on so many images.

    Attributes:
        share: of the training images of each fold.
        trained_on: these images, mean over folds.
        accuracy: of the first seed's runs.
        low, high: its 95 % interval.
    """

    share: float
    trained_on: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Growth:
    """How a scenario's accuracy grows with its training images.

    Attributes:
        scenario: its name.
        points: of more and more images, all of them last.
        forecast: with twice the images.
    """

    scenario: str
    points: list[Point]
    forecast: Forecast


def follow_growth(marks: pd.DataFrame, judged: dict[str, Predictions], train: int) -> list[Growth]:
    """Follows the growth of each scenario that was trained on shares of the images.

    Args:
        marks: of learning_curve.csv, as read_rows reads it: scenario, share, trained_on, fold,
            seed, image, group, correct.
        judged: answers of runs on all training images, by scenario.
        train: training images of a fold, all of them.
    """
    found = []
    for scenario, answers in judged.items():
        rows = marks[marks["scenario"] == scenario]
        if len(rows):
            own = take_seed(answers, int(rows["seed"].iloc[0]))
            sizes = [
                (float(share), Size(count_trained_on(some), score_marks(some, own)))
                for share, some in rows.groupby("share")
            ]
            whole = score_answers(own.correct, own, ACCURACY_RANGE)
            found.append(follow_sizes(scenario, [*sizes, (1.0, Size(float(train), whole))]))
    return found


def count_trained_on(marks: pd.DataFrame) -> float:
    """Counts the training images of runs on a share, mean over folds."""
    return float(marks.groupby("fold")["trained_on"].first().mean())


def score_marks(marks: pd.DataFrame, answers: Predictions) -> Scores:
    """Says what each answer is worth of runs on a share, in the order of those on all images."""
    values = order_rows(marks, answers)["correct"].to_numpy(np.float64)
    return score_answers(values.reshape(answers.folds.shape), answers, ACCURACY_RANGE)


def follow_sizes(scenario: str, sizes: list[tuple[float, Size]]) -> Growth:
    """Follows the growth over training sizes: each with its share of the images."""
    found = []
    for share, size in sizes:
        estimate, low, high = estimate_share(size.scores)
        found.append(Point(share, size.trained_on, estimate.mean, low, high))
    return Growth(scenario, found, forecast([size for _, size in sizes]))


def describe_growths(growths: Sequence[Growth], learnt: Sequence[str]) -> list[str]:
    """Says what more images would bring, to scenarios that learnt something.

    Args:
        growths: of scenarios.
        learnt: those that are better than not looking at the images.
    """
    known = [growth for growth in growths if growth.scenario in learnt]
    return [*map(describe_growth, known), *describe_crossings(known)]


def describe_growth(growth: Growth) -> str:
    """Says what twice the images would bring to a scenario."""
    ahead, today = growth.forecast, growth.points[-1]
    if ahead.reason:
        return (
            f"What more training images would bring to {growth.scenario} cannot be told: "
            f"{REASONS[ahead.reason]}."
        )
    # What was measured today may lie off the curve by chance, which is no gain and no loss.
    gain = ahead.curve.error_at(today.trained_on) - ahead.curve.error_at(ahead.trained_on)
    return (
        f"With twice the training images ({ahead.trained_on:,.0f}) {growth.scenario} can be "
        f"expected to be right on {points(ahead.accuracy)} % ({points(ahead.low)} to "
        f"{points(ahead.high)}): {points(gain, '+')} points by its curve."
    )


def describe_crossings(growths: Sequence[Growth]) -> list[str]:
    """Says from how many training images on another scenario is ahead, within what was tried."""
    told, known = [], [growth for growth in growths if growth.forecast.curve]
    for number, one in enumerate(known):
        for other in known[number + 1 :]:
            low, high = (
                max(growth.points[0].trained_on for growth in (one, other)),
                min(growth.points[-1].trained_on for growth in (one, other)),
            )
            crossing = find_crossing(one.forecast.curve, other.forecast.curve, low, high)
            if crossing:
                small, large = one, other
                if one.forecast.curve.error_at(low) > other.forecast.curve.error_at(low):
                    small, large = other, one
                told.append(
                    f"With fewer than about {crossing:,.0f} training images {small.scenario} is "
                    f"ahead of {large.scenario}, with more it is behind, by the fitted curves."
                )
    return told
