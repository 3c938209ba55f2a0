"""Whether one scenario is better than another: tests and intervals paired by test image."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import cochrans_q, mcnemar
from statsmodels.stats.multitest import multipletests

from threeway.evidence.intervals import estimate_seed_variance

NUM_RESAMPLES = 2000


@dataclass(frozen=True)
class Difference:
    """How much more often the first of two scenarios is right.

    Attributes:
        first, second: scenarios.
        difference: in accuracy, mean over seeds.
        low, high: its interval.
        p_value: of the exact McNemar test, combined over seeds, after Holm's correction.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p_value: float


def compare_pairs(correct: dict[str, np.ndarray], seed: int = 0) -> list[Difference]:
    """Compares each scenario with each: the later in the order given is `first`.

    Args:
        correct: (seeds, images) bool by scenario, on the same test images.
        seed: of the bootstrap.
    """
    names = list(correct)
    pairs = [(b, a) for i, a in enumerate(names) for b in names[i + 1 :]]
    raw = [pair_p_value(correct[first], correct[second]) for first, second in pairs]
    adjusted = multipletests(raw, method="holm")[1]
    return [
        Difference(first, second, *bootstrap_difference(correct[first], correct[second], seed), p)
        for (first, second), p in zip(pairs, map(float, adjusted), strict=True)
    ]


def pair_p_value(first: np.ndarray, second: np.ndarray) -> float:
    """Tests by exact McNemar, seed by seed, whether two scenarios are right equally often.

    Args:
        first: (seeds, images) bool.
        second: likewise, on the same images.
    """
    runs = zip(first, second, strict=True)
    return combine_seeds([float(mcnemar(cross(a, b), exact=True).pvalue) for a, b in runs])


def cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Counts images by who is right: (2, 2) int, first by second."""
    return np.array([[np.sum((first == a) & (second == b)) for b in (1, 0)] for a in (1, 0)])


def overall_p_value(correct: dict[str, np.ndarray]) -> float:
    """Tests by Cochran's Q, seed by seed, whether all scenarios are right equally often."""
    runs = zip(*correct.values(), strict=True)
    return combine_seeds([run_p_value(np.stack(run, axis=1)) for run in runs])


def run_p_value(answers: np.ndarray) -> float:
    """Computes Cochran's Q's p-value of one seed: (images, scenarios) bool."""
    if (answers == answers[:, :1]).all():
        return 1.0  # the statistic is 0 / 0 where the scenarios never differ
    return float(cochrans_q(answers.astype(int)).pvalue)


def combine_seeds(p_values: list[float]) -> float:
    """Combines p-values of runs on the same test images, which depend on each other: 2 x median.

    Source: Rüger, "Das maximale Signifikanzniveau des Tests: Lehne H0 ab, wenn k unter n
    gegebenen Tests zur Ablehnung führen", 1978: valid whatever the dependence.
    """
    if len(p_values) == 1:
        return p_values[0]
    # The lower of two middle values would not be covered by the theorem.
    median = sorted(p_values)[len(p_values) // 2]
    return min(1.0, len(p_values) / (len(p_values) // 2 + 1) * median)


def bootstrap_difference(
    first: np.ndarray, second: np.ndarray, seed: int, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Estimates the difference in accuracy, and its interval: (difference, low, high).

    A paired bootstrap: each resample draws test images, the same for both scenarios, and adds for
    each scenario what another draw of seeds would change. Resampling the few seeds themselves would
    count twice what seeds and images do together, so their own share of the variance is taken apart
    first. The interval's quantiles are stretched from the normal's to Student's, since a handful
    of seeds tells little of its own spread.

    Args:
        first: (seeds, images) bool.
        second: likewise, on the same images.
        seed: of the random numbers.
        confidence: of the interval.

    Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993; Owen, "The pigeonhole
    bootstrap", 2007, on resampling rows and columns; Hesterberg, "What teachers should know about
    the bootstrap", 2015, on stretching.
    """
    rng = np.random.default_rng(seed)
    images = first.shape[1]
    by_image = first.mean(axis=0) - second.mean(axis=0)
    difference = float(by_image.mean())
    seed_variances = [estimate_seed_variance(correct) for correct in (first, second)]

    weights = rng.multinomial(images, np.full(images, 1 / images), NUM_RESAMPLES) / images
    spread = weights @ by_image - difference
    spread += rng.normal(0, np.sqrt(sum(seed_variances)), NUM_RESAMPLES)

    degrees = [images - 1, *(max(len(correct) - 1, 1) for correct in (first, second))]
    parts = [by_image.var(ddof=1) / images, *seed_variances]
    stretch = stretch_quantiles(parts, degrees, confidence)
    quantiles = np.quantile(spread, [(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = np.clip(difference + stretch * quantiles, -1, 1)
    return difference, float(low), float(high)


def stretch_quantiles(parts: list[float], degrees: list[int], confidence: float) -> float:
    """Computes by how much Student's quantile exceeds the normal's.

    Args:
        parts: of a variance.
        degrees: of freedom of each part, which Satterthwaite's rule makes one of.
        confidence: of the interval.
    """
    total = sum(parts)
    if total == 0:
        return 1.0
    freedom = total**2 / sum(part**2 / degree for part, degree in zip(parts, degrees, strict=True))
    upper = (1 + confidence) / 2
    return float(stats.t.ppf(upper, freedom) / stats.norm.ppf(upper))
