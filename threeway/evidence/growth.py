"""How accuracy grows with the number of training images, and what twice as many would bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq

from threeway.evidence.uncertainty import (
    CONFIDENCE,
    Estimate,
    Scores,
    average,
    bound_accuracy,
    estimate_mean,
)

# How fast an error may fall, b: from hardly at all to faster than learners do.
POWERS = np.linspace(0.1, 1.5, 29)
# A curve of three parameters goes through most threes of points that fall more and more slowly: a
# fourth is needed to see that it does not fit.
FEWEST_SIZES = 4
# Times as many images: further on, it is the form of the curve that decides, not what was seen.
AHEAD = 2
DRAWS = 300
# With four sizes, two standard errors of the one that the parameters leave over.
WORST_RESIDUAL = 4.0


class Reason(StrEnum):
    """Why there is no forecast."""

    TOO_FEW_SIZES = "fewer than four numbers of training images were tried"
    FALLING = "accuracy falls with more training images"
    POOR_FIT = "accuracy does not grow along a power law"


@dataclass(frozen=True)
class Size:
    """What networks can do that were trained on so many images.

    Attributes:
        trained_on: training images, mean over folds, above 0.
        scores: right answers, to the same images in the same order and groups at every size.
    """

    trained_on: float
    scores: Scores


@dataclass(frozen=True)
class Curve:
    """The error against the number n of training images: a n^-b + c. Or many such curves.

    Attributes:
        a, b, c: floats of at least 0; of many curves (curves,) each.
        residual: sum of squares of what the curve does not explain, each divided by its variance;
            of many curves (curves,).
    """

    a: float | np.ndarray
    b: float | np.ndarray
    c: float | np.ndarray
    residual: float | np.ndarray

    def error_at(self, trained_on: float | np.ndarray) -> float | np.ndarray:
        """Says the error of networks trained on so many images, above 1 for too few of them.

        Args:
            trained_on: training images; of a single curve also an array of them.
        """
        return self.a * trained_on**-self.b + self.c


@dataclass(frozen=True)
class Forecast:
    """The accuracy to expect with more training images.

    Attributes:
        trained_on: training images it is for.
        accuracy: between 0 and 1; None where there is no forecast, and so of low and high.
        low, high: its 95 % interval, which holds today's lower limit: more images may not help.
        reason: why there is no forecast; None where there is one.
        curve: that it lies on.
    """

    trained_on: float
    accuracy: float | None
    low: float | None
    high: float | None
    reason: Reason | None
    curve: Curve | None = None


def forecast(sizes: Sequence[Size], seed: int = 0) -> Forecast:
    """Forecasts the accuracy with twice the most training images that were tried.

    Args:
        sizes: at least one, in any order.
        seed: of the draws that the interval comes from.

    Source: Figueroa et al., "Predicting sample size required for classification performance", 2012,
    for the weighted fit of a power law; Viering and Loog, "The shape of learning curves: a review",
    2022, for curves that are none.
    """
    sizes = sorted(sizes, key=lambda size: size.trained_on)
    trained_on = np.array([size.trained_on for size in sizes])
    ahead = float(AHEAD * trained_on[-1])
    if len(np.unique(trained_on)) < FEWEST_SIZES:
        return Forecast(ahead, None, None, None, Reason.TOO_FEW_SIZES)
    estimates = [estimate_mean(size.scores) for size in sizes]
    errors = np.array([1 - estimate.mean for estimate in estimates])
    variances = np.array([estimate.by_images for estimate in estimates])
    curve = fit_error(trained_on, errors, variances, floor=True)
    reason = find_reason(trained_on, curve, errors, np.array([one.variance for one in estimates]))
    if reason:
        return Forecast(ahead, None, None, None, reason)
    draws = draw_errors(sizes, estimates, np.random.default_rng(seed))
    low, high = bound_error(ahead, trained_on, draws, variances)
    today, _ = bound_accuracy(estimates[-1])
    return Forecast(ahead, 1 - curve.error_at(ahead), min(1 - high, today), 1 - low, None, curve)


def fit_error(sizes: np.ndarray, errors: np.ndarray, variances: np.ndarray, floor: bool) -> Curve:
    """Fits a curve to errors by weighted least squares.

    Args:
        sizes: (sizes,) training images, above 0, two of them different.
        errors: (sizes,) float.
        variances: (sizes,) float above 0, of the errors.
        floor: whether some error may remain however many images there are; else c = 0.
    """
    found = fit_errors(sizes, errors[None], variances, floor)
    return Curve(*(float(values[0]) for values in (found.a, found.b, found.c, found.residual)))


def fit_errors(sizes: np.ndarray, errors: np.ndarray, variances: np.ndarray, floor: bool) -> Curve:
    """Fits a curve to each row of errors, as fit_error does: (curves, sizes) float."""
    features = sizes ** -POWERS[:, None]  # (powers, sizes)
    a, c = fit_powers(features, errors, variances, floor)  # (curves, powers) each
    rest = errors[:, None] - a[..., None] * features - c[..., None]  # (curves, powers, sizes)
    residuals = np.sum(rest**2 / variances, axis=2)  # (curves, powers)
    best = np.arange(len(errors)), residuals.argmin(axis=1)
    return Curve(a[best], POWERS[best[1]], c[best], residuals[best])


def fit_powers(
    features: np.ndarray, errors: np.ndarray, variances: np.ndarray, floor: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Fits a and c, at least 0 each, to each row of errors for each power: (a, c), each of them
    (curves, powers).

    In closed form. Where the line of least squares has a below 0, the best that is allowed has
    a = 0; where its c is below 0, c = 0.

    Args:
        features: (powers, sizes) n^-b.
        errors: (curves, sizes) float.
        variances: (sizes,) float above 0.
        floor: whether c may be above 0.
    """
    shares = 1 / variances / np.sum(1 / variances)
    through_zero = np.maximum(errors @ (features * shares).T / (features**2 @ shares), 0)
    if not floor:
        return through_zero, np.zeros_like(through_zero)
    means = features @ shares  # (powers,)
    centred = features - means[:, None]
    slopes = np.maximum(errors @ (centred * shares).T / (centred**2 @ shares), 0)
    floors = (errors @ shares)[:, None] - slopes * means
    return np.where(floors < 0, through_zero, slopes), np.maximum(floors, 0)


def find_reason(
    sizes: np.ndarray, curve: Curve, errors: np.ndarray, variances: np.ndarray
) -> Reason | None:
    """Finds a reason not to trust a curve beyond what was tried.

    Args:
        sizes: (sizes,) training images, more and more.
        curve: fitted to the errors.
        errors: (sizes,) float.
        variances: (sizes,) float, of the errors, runs' luck included.
    """
    if np.any(np.diff(errors) > np.sqrt(variances[1:])):
        return Reason.FALLING
    residual = np.sum((errors - curve.error_at(sizes)) ** 2 / variances)
    return Reason.POOR_FIT if residual > WORST_RESIDUAL else None


def draw_errors(
    sizes: Sequence[Size], estimates: Sequence[Estimate], rng: np.random.Generator
) -> np.ndarray:
    """Draws what the errors might have been with other images and runs: (draws, sizes) float.

    The same groups of images at all sizes, and the runs' luck at each. Groups that were answered
    alike are counted as one and drawn together: the same bootstrap, in far less time.

    Args:
        sizes: of training sets.
        estimates: of their scores.
        rng: that draws.
    """
    groups = sizes[0].scores.groups
    wrong = [1 - average(size.scores.values, size.scores.images) for size in sizes]
    table = np.stack([np.bincount(groups), *(np.bincount(groups, one) for one in wrong)], axis=1)
    alike, counts = np.unique(table, axis=0, return_counts=True)  # (kinds, 1 + sizes), (kinds,)
    drawn = rng.multinomial(len(table), counts / len(table), DRAWS) @ alike  # (draws, 1 + sizes)
    luck = rng.normal(0, np.sqrt([estimate.by_runs for estimate in estimates]), (DRAWS, len(sizes)))
    return drawn[:, 1:] / drawn[:, :1] + luck


def bound_error(
    ahead: float, sizes: np.ndarray, draws: np.ndarray, variances: np.ndarray
) -> tuple[float, float]:
    """Bounds the error with more training images: (low, high), between 0 and 1.

    By the curves with a floor and those without: few sizes cannot tell whether there is one.

    Args:
        ahead: training images, more than were tried.
        sizes: (sizes,) training images that were tried.
        draws: (draws, sizes) float, of errors.
        variances: (sizes,) float above 0, of errors.
    """
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    bounds = [
        np.quantile(fit_errors(sizes, draws, variances, floor).error_at(ahead), tails)
        for floor in (True, False)
    ]
    # Luck may be drawn beyond what an error can be.
    return min(float(np.min(bounds)), 1.0), min(float(np.max(bounds)), 1.0)


def find_crossing(one: Curve, other: Curve, low: float, high: float) -> float | None:
    """Finds the number of training images from which on another scenario has the lower error.

    Two such curves cross at most twice, since their difference is a sum of three exponentials of
    log n. Where both are between low and high, whichever is better with few images is also better
    with many, and there is no such number.

    Args:
        one: a single curve.
        other: of another scenario.
        low: training images, from which on to look.
        high: training images, up to which to look.

    Returns:
        Training images, or None where the order at low is the order at high.
    """

    def compare(log_size: float) -> float:
        return one.error_at(np.exp(log_size)) - other.error_at(np.exp(log_size))

    start, end = np.log(low), np.log(high)
    if compare(start) * compare(end) >= 0:
        return None
    return float(np.exp(brentq(compare, start, end)))
