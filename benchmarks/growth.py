"""Simulates how often the forecast for twice as many training images holds the truth.

    python -m benchmarks.growth [EXPERIMENTS]

In each experiment networks are trained, on paper, on 1/8, 1/4, 1/2 and all of a fold's training
images, and tested on the same images. Their error falls along a known curve; images are easier or
harder for all of them, and networks have more or less luck, each its own. The truth is the curve's
value at twice the largest size. Prints a Markdown table: of each curve how often the interval of
the forecast holds the truth, how wide it is and how far the forecast itself is off, all where there
is a forecast, and how often there is none and why. 300 experiments take a minute and a half.
"""

import sys
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from threeway.evidence.growth import Forecast, Reason, Size, forecast
from threeway.evidence.uncertainty import ACCURACY_RANGE, Scores
from threeway.reading.markup import align_table

FOLDS = 5
SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
# Of all images, which are all tested: what five folds leave after a fifth and what chooses epochs.
TRAINED_ON = 0.68
# How alike two networks find an image: the correlation of what it takes to be right.
LIKENESS = 0.8


def power_law(a: float, b: float, c: float) -> Callable[[float, int], float]:
    return lambda trained_on, most: a * trained_on**-b + c


def through(*errors: float) -> Callable[[float, int], float]:
    """Makes a curve by its errors at 1/8, 1/4, 1/2, all and twice the training images."""
    return lambda trained_on, most: float(
        np.interp(np.log2(trained_on / most), (-3, -2, -1, 0, 1), errors)
    )


CURVES = {
    "2 n^-0.5 + 0.05": power_law(2, 0.5, 0.05),
    "2 n^-0.5": power_law(2, 0.5, 0),
    "0.9 n^-0.25": power_law(0.9, 0.25, 0),
    "0.9 n^-0.25 + 0.1": power_law(0.9, 0.25, 0.1),
    "20 n^-1.2 + 0.1": power_law(20, 1.2, 0.1),
    "0.2, flat": power_law(0, 1, 0.2),
    "falls by 5 points with each doubling": through(0.35, 0.30, 0.25, 0.20, 0.15),
    "flat, then falls: 40, 40, 39, 33, 20 %": through(0.40, 0.40, 0.39, 0.33, 0.20),
    "falls, then rises: 35, 25, 20, 24, 26 %": through(0.35, 0.25, 0.20, 0.24, 0.26),
    "rises: 20, 22, 24, 26, 28 %": through(0.20, 0.22, 0.24, 0.26, 0.28),
}


def draw_sizes(
    curve: Callable[[float, int], float], most: int, run_sd: float, rng: np.random.Generator
) -> list[Size]:
    """Draws the right answers of networks trained on more and more images.

    Args:
        curve: the error by training images, and by the most of them.
        most: training images of a fold.
        run_sd: standard deviation of networks' accuracy.
        rng: that draws.
    """
    images = round(most / TRAINED_ON)
    folds, ease = rng.permutation(images) % FOLDS, rng.normal(0, 1, images)
    sizes = []
    for share in SHARES:
        error = curve(share * most, most) + rng.normal(0, run_sd, FOLDS)
        own = rng.normal(0, 1, images)
        # Between 0 and 1, evenly: so the share that is wrong is the error on average.
        rank = stats.norm.cdf(np.sqrt(LIKENESS) * ease + np.sqrt(1 - LIKENESS) * own)
        sizes.append(Size(share * most, score(rank >= error[folds], folds)))
    return sizes


def score(correct: np.ndarray, folds: np.ndarray) -> Scores:
    """Makes scores of one division with one seed: correct and folds are (images,)."""
    return Scores(
        values=correct.astype(float),
        images=np.arange(len(correct)),
        folds=folds,
        seeds=np.zeros(len(correct), int),
        groups=np.arange(len(correct)),
        num_folds=FOLDS,
        repeats=1,
        limits=ACCURACY_RANGE,
    )


def measure(name: str, most: int, run_sd: float, experiments: int) -> dict[str, str]:
    """Counts how often the forecast along one curve holds the truth."""
    curve = CURVES[name]
    found = [
        forecast(draw_sizes(curve, most, run_sd, np.random.default_rng(seed)), seed)
        for seed in range(experiments)
    ]
    return {
        "error": name,
        "training images": f"{most:,}",
        "sd between networks, points": f"{100 * run_sd:g}",
        "truth": f"{100 * (1 - curve(2 * most, most)):.1f}",
        **summarise(found, 1 - curve(2 * most, most)),
    }


def summarise(found: list[Forecast], truth: float) -> dict[str, str]:
    reasons, given = Counter(one.reason for one in found), [one for one in found if not one.reason]
    lines = {"holds, %": "", "width, points": "", "off by, points": ""}
    if given:
        lines = {
            "holds, %": f"{100 * np.mean([one.low <= truth <= one.high for one in given]):.1f}",
            "width, points": f"{100 * np.mean([one.high - one.low for one in given]):.1f}",
            "off by, points": f"{100 * np.mean([one.accuracy - truth for one in given]):+.1f}",
        }
    return lines | {
        "none: falling, %": f"{100 * reasons[Reason.FALLING] / len(found):.1f}",
        "none: poor fit, %": f"{100 * reasons[Reason.POOR_FIT] / len(found):.1f}",
    }


def main() -> None:
    experiments = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    settings = [(240, 0.03), (1300, 0.01), (1300, 0.03)]
    rows = [
        measure(name, most, run_sd, experiments) for name in CURVES for most, run_sd in settings
    ]
    print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
