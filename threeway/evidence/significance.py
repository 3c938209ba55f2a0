"""Whether one scenario is better than another: all pairs, on the same images."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import (
    CONFIDENCE,
    DIFFERENCE_RANGE,
    Estimate,
    bound_difference,
    estimate_mean,
    score_answers,
    weigh_difference,
)


@dataclass(frozen=True)
class Difference:
    """How much more often the first of two scenarios is right.

    Attributes:
        first, second: scenarios.
        difference: in accuracy, mean over images.
        low, high: its interval, which holds together with those of all other pairs.
        p_value: that there is none, multiplied by the number of pairs.
        shares: of Student's distribution of the true difference that lie below minus the margin,
            within it, and above it.
        estimate: what these are computed from.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p_value: float
    shares: tuple[float, float, float]
    estimate: Estimate


def compare_pairs(judged: dict[str, Predictions], margin: float) -> list[Difference]:
    """Compares each scenario with each: the later in the order given is `first`.

    Bonferroni's correction for the number of pairs, of intervals and p-values alike: an interval
    excludes 0 where its p-value is below 5 %.

    Args:
        judged: answers by scenario, to the same images by runs of the same division.
        margin: a difference that does not matter.

    Source: Benavoli et al., "Time for a change: a tutorial for comparing multiple classifiers
    through Bayesian analysis", 2017, for the shares.
    """
    names = list(judged)
    pairs = [(b, a) for i, a in enumerate(names) for b in names[i + 1 :]]
    return [compare(first, second, judged, len(pairs), margin) for first, second in pairs]


def compare(
    first: str, second: str, judged: dict[str, Predictions], num_pairs: int, margin: float
) -> Difference:
    values = judged[first].correct.astype(np.float64) - judged[second].correct
    estimate = estimate_mean(score_answers(values, judged[first], DIFFERENCE_RANGE))
    low, high = bound_difference(estimate, 1 - (1 - CONFIDENCE) / num_pairs)
    p_value = min(1.0, num_pairs * weigh_difference(estimate))
    shares = weigh_margin(estimate, margin)
    return Difference(first, second, estimate.mean, low, high, p_value, shares, estimate)


def weigh_margin(estimate: Estimate, margin: float) -> tuple[float, float, float]:
    """Weighs that a difference is below minus a margin, within it, and above it: sums to 1."""
    error = estimate.standard_error
    below = float(stats.t.cdf((-margin - estimate.centre) / error, estimate.freedom))
    above = float(stats.t.sf((margin - estimate.centre) / error, estimate.freedom))
    return below, 1 - below - above, above


def bound_from_above(difference: Difference, first: str, confidence: float) -> float:
    """Bounds from above by how much one of a pair is more accurate than the other, one-sided.

    Args:
        difference: of the pair.
        first: the scenario that may be the better one.
        confidence: of the bound.
    """
    estimate = difference.estimate
    centre = estimate.centre if first == difference.first else -estimate.centre
    return float(centre + stats.t.ppf(confidence, estimate.freedom) * estimate.standard_error)
