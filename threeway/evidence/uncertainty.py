"""How sure a mean over tested images is: of right answers, or of differences between scenarios.

The target is what to expect of networks that are trained this way on as many other images of this
kind, averaged over training sets and seeds. Where images are divided once, it is what to expect of
this one training set.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from threeway.evidence.answers import Predictions

CONFIDENCE = 0.95
# What an answer is worth at least and at most.
ACCURACY_RANGE, DIFFERENCE_RANGE = (0.0, 1.0), (-1.0, 1.0)


@dataclass(frozen=True)
class Scores:
    """What each tested image is worth, run by run.

    Attributes:
        values: (rows,) float: 1 where a run is right on an image and 0 where it is wrong, or the
            difference of two scenarios' in this.
        images: (rows,) int, from 0: which image a row is of.
        folds: (rows,) int, from 0: which fold, over all repeats of the division.
        seeds: (rows,) int, from 0: which of the fold's runs.
        groups: (images,) int, from 0: which images depend on each other.
        num_folds: of one division.
        repeats: how often the images were divided anew.
        limits: the least and the most that a value can be.
    """

    values: np.ndarray
    images: np.ndarray
    folds: np.ndarray
    seeds: np.ndarray
    groups: np.ndarray
    num_folds: int
    repeats: int
    limits: tuple[float, float]

    @property
    def num_groups(self) -> int:
        return int(self.groups.max()) + 1

    @property
    def num_seeds(self) -> int:
        return int(self.seeds.max()) + 1


@dataclass(frozen=True)
class Estimate:
    """A mean, and how far it may be from the target.

    Attributes:
        mean: of the images, each by the mean of its rows.
        centre: the mean with a little added of what a value can be at least and at most, so that a
            handful of images, or none that differ, do not seem to be certain.
        by_images: the part of the variance that more images would make smaller.
        by_runs: the part that only more divisions or seeds would.
        freedom: of Student's t.
        run_sd: the standard deviation between runs, of networks, without the noise of what each is
            tested on; NaN where a single run cannot tell.
    """

    mean: float
    centre: float
    by_images: float
    by_runs: float
    freedom: float
    run_sd: float

    @property
    def variance(self) -> float:
        return self.by_images + self.by_runs

    @property
    def standard_error(self) -> float:
        return float(np.sqrt(self.variance))


def estimate_mean(scores: Scores) -> Estimate:
    """Estimates the mean over images, and its variance in two parts.

    With folds, the images' part is raised by half of Nadeau and Bengio's correction, since folds
    share most of what they train on: a calibration by simulation, not a theorem, as no unbiased
    estimate of this variance exists.

    Source: Nadeau and Bengio, "Inference for the generalization error", 2003; Bengio and
    Grandvalet, "No unbiased estimator of the variance of k-fold cross-validation", 2004; Bonett and
    Price, "Adjusted Wald confidence interval for a difference of binomial proportions based on
    paired data", 2012, for the pseudo-groups; Satterthwaite, "An approximate distribution of
    estimates of variance components", 1946.
    """
    by_image = average(scores.values, scores.images)
    centre, spread = spread_over_images(by_image, scores.groups, scores.limits)
    folds = scores.num_folds
    if folds > 1:
        seen, expected, freedom = spread_over_folds(scores)
        inflation, num_runs = 1 + folds / (2 * (folds - 1)), scores.repeats * folds
    else:
        seen, expected, freedom = spread_over_seeds(scores, by_image)
        inflation, num_runs = 1.0, scores.num_seeds
    by_images, by_runs = inflation * spread, max(seen - expected, 0.0)
    total = by_images + by_runs
    degrees = max(scores.num_groups - 1, 1)
    if by_runs:
        degrees = total**2 / ((by_images - expected) ** 2 / degrees + seen**2 / freedom)
    # A fold's mean over seeds does not show how much they differ.
    several = folds > 1 and scores.num_seeds > 1
    between = spread_seed_by_seed(scores) if several else seen - expected
    run_sd = float(np.sqrt(num_runs * max(between, 0.0))) if num_runs > 1 else float("nan")
    return Estimate(float(by_image.mean()), centre, by_images, by_runs, float(degrees), run_sd)


def score_answers(values: np.ndarray, answers: Predictions, limits: tuple[float, float]) -> Scores:
    """Says what each answer is worth.

    Args:
        values: (passes, images) float.
        answers: whose these are.
        limits: the least and the most that a value can be.
    """
    passes, num_images = values.shape
    _, seeds = np.unique(answers.seeds, return_inverse=True)
    _, groups = np.unique(answers.groups, return_inverse=True)
    return Scores(
        values=values.astype(np.float64).ravel(),
        images=np.tile(np.arange(num_images), passes),
        folds=answers.folds.ravel() - 1,
        seeds=seeds.repeat(num_images),
        groups=groups,
        num_folds=answers.num_folds,
        repeats=answers.num_repeats,
        limits=limits,
    )


def average(values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Averages the values of each number: (numbers,) float."""
    return np.bincount(numbers, values) / np.bincount(numbers)


def spread_over_images(
    by_image: np.ndarray, groups: np.ndarray, limits: tuple[float, float]
) -> tuple[float, float]:
    """Estimates the mean over images and its variance by groups of them: (mean, variance).

    Two pseudo-groups of mean size are added, one of the least and one of the most that a value can
    be.

    Args:
        by_image: (images,) float.
        groups: (images,) int, from 0.
        limits: the least and the most that a value can be.
    """
    num_groups = int(groups.max()) + 1
    size = len(by_image) / num_groups
    count = len(by_image) + 2 * size
    mean = (by_image.sum() + size * sum(limits)) / count
    sums = np.bincount(groups, by_image - mean)
    squares = np.sum(sums**2) + sum((size * (limit - mean)) ** 2 for limit in limits)
    return float(mean), float((num_groups + 2) / (num_groups + 1) * squares / count**2)


def spread_over_folds(scores: Scores) -> tuple[float, float, int]:
    """Estimates the variance of the mean that the folds' means show, and how much of it the choice
    of the images in each explains: (seen, expected, degrees of freedom).

    A class may be in some folds only: its images then tell nothing of the folds.
    """
    num_folds, repeats = scores.num_folds, scores.repeats
    if len(np.unique(scores.folds)) < num_folds * repeats:
        return 0.0, 0.0, 1
    means = average(scores.values, scores.folds)
    seen = means.reshape(repeats, num_folds).var(axis=1, ddof=1).mean() / len(means)
    expected = []
    for fold, mean in enumerate(means):
        rows = scores.folds == fold
        images, inverse = np.unique(scores.images[rows], return_inverse=True)
        by_image = average(scores.values[rows], inverse)
        _, members = np.unique(scores.groups[images], return_inverse=True)
        sums = np.bincount(members, by_image - mean)
        expected.append(correct_groups(len(sums)) * np.sum(sums**2) / len(images) ** 2)
    return float(seen), float(np.mean(expected) / len(means)), repeats * (num_folds - 1)


def spread_over_seeds(scores: Scores, by_image: np.ndarray) -> tuple[float, float, int]:
    """Estimates the variance of the mean that the seeds' means show, on the same images, and how
    much of it their answers to single images explain: (seen, expected, degrees of freedom).

    Args:
        scores: of one division.
        by_image: (images,) the mean of each image.
    """
    num_seeds = scores.num_seeds
    if num_seeds == 1:
        return 0.0, 0.0, 1
    means = average(scores.values, scores.seeds)
    rest = scores.values - by_image[scores.images] - (means - means.mean())[scores.seeds]
    cells = scores.seeds * scores.num_groups + scores.groups[scores.images]
    squares = np.sum(np.bincount(cells, rest) ** 2) * correct_groups(scores.num_groups)
    expected = squares / (num_seeds - 1) / len(by_image) ** 2 / num_seeds
    return float(means.var(ddof=1) / num_seeds), float(expected), num_seeds - 1


def spread_seed_by_seed(scores: Scores) -> float:
    """Estimates the variance of the mean that folds with one seed each would show, beyond the
    choice of the images: mean over seeds.
    """
    found = []
    for seed in range(scores.num_seeds):
        seen, expected, _ = spread_over_folds(take_rows(scores, scores.seeds == seed))
        found.append(seen - expected)
    return float(np.mean(found))


def correct_groups(count: int) -> float:
    """Corrects a variance over groups for the mean that they have in common."""
    return count / max(count - 1, 1)


def estimate_accuracy(
    answers: Predictions, chosen: np.ndarray | None = None
) -> tuple[Estimate, float, float]:
    """Estimates an accuracy, and its interval: (estimate, low, high).

    Args:
        answers: of a scenario.
        chosen: (images,) bool, at least one: those that count. All without it.
    """
    scores = score_answers(answers.correct, answers, ACCURACY_RANGE)
    return estimate_share(scores if chosen is None else take_images(scores, chosen))


def estimate_share(scores: Scores) -> tuple[Estimate, float, float]:
    """Estimates the share of right answers, and its interval: (estimate, low, high)."""
    estimate = estimate_mean(scores)
    return estimate, *bound_accuracy(estimate)


def estimate_macro_f1(answers: Predictions) -> tuple[Estimate, float, float]:
    """Estimates the macro F1, mean over passes, and its interval: (estimate, low, high).

    The interval is that of an accuracy, of what each image adds to the score: so it covers training
    sets and groups as well, which a bootstrap over images or groups would not.
    """
    values = np.stack([linearise_macro_f1(answers, number) for number in range(len(answers.seeds))])
    return estimate_share(score_answers(values, answers, ACCURACY_RANGE))


def linearise_macro_f1(answers: Predictions, number: int) -> np.ndarray:
    """Says what each image adds to one pass's macro F1, to the first order: (images,) float, whose
    mean is the score.

    Source: the delta method, as in Takahashi et al., "Confidence interval for micro-averaged F1 and
    macro-averaged F1 scores", 2022.
    """
    actual, predicted, size = answers.actual, answers.predicted[number], len(answers.classes)
    hits = np.bincount(actual[actual == predicted], minlength=size)
    named = np.bincount(actual, minlength=size) + np.bincount(predicted, minlength=size)
    f1 = np.divide(2 * hits, named, where=named > 0, out=np.zeros(size))
    # What one more image, and one more right answer, changes in a class's score.
    share = len(actual) / size / np.maximum(named, 1)
    gained = 2 * (actual == predicted) * share[actual]
    return f1.mean() + gained - (f1 * share)[actual] - (f1 * share)[predicted]


def take_images(scores: Scores, chosen: np.ndarray) -> Scores:
    """Takes the rows of some images: (images,) bool."""
    some = take_rows(scores, chosen[scores.images])
    _, groups = np.unique(scores.groups[chosen], return_inverse=True)
    numbers = np.cumsum(chosen) - 1
    return replace(some, images=numbers[some.images], groups=groups)


def take_rows(scores: Scores, chosen: np.ndarray) -> Scores:
    """Takes some rows, of the same images: (rows,) bool."""
    names = ("values", "images", "folds", "seeds")
    return replace(scores, **{name: getattr(scores, name)[chosen] for name in names})


def bound_difference(estimate: Estimate, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Bounds a difference in accuracy: (low, high), which excludes 0 where its p-value says so."""
    margin = stats.t.ppf((1 + confidence) / 2, estimate.freedom) * estimate.standard_error
    low, high = np.clip([estimate.centre - margin, estimate.centre + margin], -1, 1)
    return float(low), float(high)


def weigh_difference(estimate: Estimate) -> float:
    """Tests whether a difference in accuracy is 0: the p-value, two-sided."""
    return float(2 * stats.t.sf(abs(estimate.centre) / estimate.standard_error, estimate.freedom))


def bound_accuracy(estimate: Estimate) -> tuple[float, float]:
    """Bounds an accuracy by Wilson's interval, at the number of independent answers that would have
    its variance: (low, high), between 0 and 1.

    What is added to the images draws the centre towards the middle, and Wilson's interval draws
    once more: so the end on the other side is the one around the mean itself.

    Source: Wilson, "Probable inference", 1927; Dean and Pagano, "Evaluating confidence interval
    methods for binomial proportions in clustered surveys", 2015.
    """
    low, high = bound_around(estimate.centre, estimate)
    mean = estimate.mean
    # No answer or every one is right: an interval around that has no width.
    own_low, own_high = bound_around(mean, estimate) if 0 < mean < 1 else (mean, mean)
    if mean < estimate.centre:
        return min(low, own_low), high
    return low, max(high, own_high)


def bound_around(centre: float, estimate: Estimate) -> tuple[float, float]:
    """Computes Wilson's interval around a share, with an estimate's variance: (low, high)."""
    effective = centre * (1 - centre) / estimate.variance
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, estimate.freedom)
    # With a handful of images Student's quantile may be beyond what has a probability above 0.
    alpha = max(2 * stats.norm.sf(quantile), np.finfo(np.float64).tiny)
    low, high = proportion_confint(centre * effective, effective, alpha, method="wilson")
    return float(low), float(high)
