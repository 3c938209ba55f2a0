"""The interval is Wilson's where seeds agree, and wider where they do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from threeway.evidence.intervals import (
    estimate_accuracy,
    estimate_seed_variance,
    estimate_variance,
    split_variance,
)


def wilson(successes: int, count: int, quantile: float) -> tuple[float, float]:
    """Computes Wilson's interval as the textbook writes it."""
    share = successes / count
    centre = (share + quantile**2 / (2 * count)) / (1 + quantile**2 / count)
    root = np.sqrt(share * (1 - share) / count + quantile**2 / (4 * count**2))
    margin = quantile / (1 + quantile**2 / count) * root
    return centre - margin, centre + margin


def test_one_seed_is_wilson_with_student_t():
    correct = np.arange(100)[None] < 90
    mean, low, high = estimate_accuracy(correct)
    # The unbiased variance, p (1 - p) / (n - 1), is that of n - 1 answers.
    expected = wilson(0.9 * 99, 99, stats.t.ppf(0.975, 99))
    assert mean == 0.9
    assert (low, high) == pytest.approx(expected, abs=1e-9)


def test_seeds_that_agree_add_nothing():
    once = np.arange(200)[None] < 150
    assert estimate_accuracy(np.repeat(once, 3, axis=0)) == pytest.approx(
        estimate_accuracy(once), abs=2e-3
    )


def test_seeds_that_differ_widen_the_interval():
    one = estimate_accuracy((np.arange(400) < 320)[None])
    apart = np.stack([np.arange(400) < 400 * share for share in (0.7, 0.8, 0.9)])
    _, low, high = estimate_accuracy(apart)
    assert high - low > 2 * (one[2] - one[1])


def test_a_perfect_score_is_not_a_certain_one():
    mean, low, high = estimate_accuracy(np.ones((3, 30), bool))
    assert (mean, high) == (1, 1)
    assert 0.85 < low < 0.92


def test_variance_against_simulation():
    rng = np.random.default_rng(1)

    def simulate():
        # Logit of being right: an image's part and a seed's part.
        logit = 1 + rng.normal(0, 1, 150) + rng.normal(0, 0.4, (3, 1))
        return rng.random((3, 150)) < 1 / (1 + np.exp(-logit))

    samples = [simulate() for _ in range(2000)]
    true_variance = np.var([sample.mean() for sample in samples])
    estimates = np.mean([estimate_variance(sample)[0] for sample in samples])
    assert estimates == pytest.approx(true_variance, rel=0.1)


def test_variance_is_split_as_in_a_table_of_two_ways():
    correct = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], bool)
    means, degrees = split_variance(correct)
    # By hand: total sum of squares 1.875 = images 1.375 + seeds 0.125 + rest 0.375.
    assert means == pytest.approx([1.375 / 3, 0.125 / 1, 0.375 / 3])
    assert degrees == [3, 1, 3]
    means, degrees = split_variance(correct[:1])
    assert means == pytest.approx([1 / 3])
    assert degrees == [3]


def test_variance_and_freedom_by_hand():
    correct = np.array([[1, 1, 1, 0], [0, 1, 0, 0]], bool)
    # Sums of squares: images 1, seeds 0.5, rest 0.5; mean squares 1/3, 1/2 and 1/6.
    variance, freedom = estimate_variance(correct)
    assert variance == pytest.approx((1 / 3 + 1 / 2 - 1 / 6) / 8)
    # (2/3)^2 / ((1/3)^2 / 3 + (1/2)^2 / 1 + (1/6)^2 / 3), which is 48/108 by 32/108.
    assert freedom == pytest.approx(1.5)
    assert estimate_seed_variance(correct) == pytest.approx((1 / 2 - 1 / 6) / 8)
    assert estimate_seed_variance(correct[:1]) == 0


def test_a_single_image_has_a_degree_of_freedom_all_the_same():
    assert split_variance(np.array([[True], [False]])) == ([0, 0.5, 0], [1, 1, 1])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**25 - 1))
def test_a_handful_of_images_still_has_an_interval_around_its_mean(seeds, images, bits):
    answers = np.array([bits >> place & 1 for place in range(seeds * images)], bool)
    mean, low, high = estimate_accuracy(answers.reshape(seeds, images))
    assert 0 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= 1
