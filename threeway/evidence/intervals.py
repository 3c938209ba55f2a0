"""How sure an accuracy is that was measured on some test images with some seeds."""

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint


def estimate_accuracy(correct: np.ndarray, confidence: float = 0.95) -> tuple[float, float, float]:
    """Estimates the mean accuracy over seeds, and its interval: (mean, low, high).

    The interval is for the accuracy that one would see on all images of this kind, averaged over
    all seeds. Test images and seeds both vary, so the variance of the mean is taken apart into
    the images' part, the seeds' part and the rest (a two-way analysis of variance with random
    effects). Wilson's interval at the number of independent answers that has this variance keeps
    the limits between 0 and 1, and Student's t, with Satterthwaite's degrees of freedom, pays for
    seeds being few. With one seed the interval covers the images alone.

    Args:
        correct: (seeds, images) bool.
        confidence: of the interval.

    Source: Satterthwaite, "An approximate distribution of estimates of variance components",
    1946; Wilson, "Probable inference", 1927; Dean and Pagano, "Evaluating confidence interval
    methods for binomial proportions in clustered surveys", 2015.
    """
    mean = float(correct.mean())
    variance, freedom = estimate_variance(correct)
    images = correct.shape[1]
    # Where all answers are the same there is no variance to see, and the images alone count.
    effective = mean * (1 - mean) / variance if variance > 0 else images
    quantile = stats.t.ppf((1 + confidence) / 2, freedom)
    # With a handful of images Student's quantile may be beyond what has a probability above 0.
    alpha = max(2 * stats.norm.sf(quantile), np.finfo(np.float64).tiny)
    low, high = proportion_confint(mean * effective, effective, alpha, method="wilson")
    return mean, float(low), float(high)


def estimate_variance(correct: np.ndarray) -> tuple[float, float]:
    """Estimates the variance of the mean over seeds and images, and its degrees of freedom.

    Args:
        correct: (seeds, images) bool.
    """
    means, degrees = split_variance(correct)
    # Seeds that agree better than chance would make the sum smaller than the images' part alone.
    total = means[0] + max(sum(means[1:2]) - sum(means[2:]), 0.0)
    if total == means[0]:
        return total / correct.size, float(degrees[0])
    freedom = total**2 / sum(mean**2 / degree for mean, degree in zip(means, degrees, strict=True))
    return total / correct.size, freedom


def estimate_seed_variance(correct: np.ndarray) -> float:
    """Estimates the part of the mean's variance that another draw of seeds alone would cause.

    Args:
        correct: (seeds, images) bool; 0 where there is one seed.
    """
    means, _ = split_variance(correct)
    return max(sum(means[1:2]) - sum(means[2:]), 0.0) / correct.size


def split_variance(correct: np.ndarray) -> tuple[list[float], list[int]]:
    """Splits the variance between images, between seeds and the rest: mean squares, and freedoms.

    A two-way analysis of variance with one answer a cell; with one seed, between images alone.

    Args:
        correct: (seeds, images) bool.
    """
    seeds, images = correct.shape
    values = correct.astype(np.float64)
    by_image, by_seed, mean = values.mean(axis=0), values.mean(axis=1), values.mean()
    squares = [seeds * np.sum((by_image - mean) ** 2)]
    degrees = [max(images - 1, 1)]
    if seeds > 1:
        rest = values - by_image - by_seed[:, None] + mean
        squares += [images * np.sum((by_seed - mean) ** 2), np.sum(rest**2)]
        degrees += [seeds - 1, max((images - 1) * (seeds - 1), 1)]
    return [float(s / d) for s, d in zip(squares, degrees, strict=True)], degrees
