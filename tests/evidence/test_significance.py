"""Tests and intervals against hand-worked cases and the libraries called another way."""

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import cochrans_q

from threeway.evidence.significance import (
    bootstrap_difference,
    combine_seeds,
    compare_pairs,
    overall_p_value,
    pair_p_value,
    run_p_value,
    stretch_quantiles,
)


def answers(right: int, total: int, offset: int = 0) -> np.ndarray:
    """Makes one seed's answers: `right` in a row are right, from `offset` on."""
    return ((np.arange(total) - offset) % total < right)[None]


def test_mcnemar_is_a_sign_test_on_the_disagreements():
    # First alone right on 9 images, second alone on 2.
    first, second = answers(60, 100), answers(53, 100)
    second[0, [70, 71]] = True
    second[0, [0, 1]] = False
    assert np.sum(first & ~second) == 9
    assert np.sum(~first & second) == 2
    assert pair_p_value(first, second) == pytest.approx(stats.binomtest(2, 11).pvalue)


def test_cochrans_q_by_its_formula():
    rng = np.random.default_rng(0)
    answer = rng.random((50, 3)) < [0.5, 0.7, 0.9]
    columns, rows = answer.sum(axis=0), answer.sum(axis=1)
    q = 2 * (3 * np.sum(columns**2) - columns.sum() ** 2) / (3 * rows.sum() - np.sum(rows**2))
    assert run_p_value(answer) == pytest.approx(stats.chi2.sf(q, 2))
    assert run_p_value(answer) == pytest.approx(cochrans_q(answer.astype(int)).pvalue)


def test_scenarios_that_never_differ_are_not_told_apart():
    same = {name: answers(8, 10) for name in "abc"}
    assert overall_p_value(same) == 1
    assert all(pair.p_value == 1 and pair.low == pair.high == 0 for pair in compare_pairs(same))


@pytest.mark.parametrize(
    ("p_values", "combined"),
    [([0.03], 0.03), ([0.01, 0.02, 0.5], 0.03), ([0.01, 0.02], 0.02), ([0.9, 0.8, 0.7], 1.0)],
)
def test_seeds_are_combined_by_ruegers_rule(p_values, combined):
    # k-th smallest of n, times n / k: 0.02 * 3 / 2, and 0.02 * 2 / 2.
    assert combine_seeds(p_values) == pytest.approx(combined)


def test_combined_p_values_are_valid_for_equal_scenarios():
    rng = np.random.default_rng(0)
    small = 0
    for _ in range(400):
        difficulty = rng.random(80)
        first, second = (rng.random((3, 80)) < difficulty for _ in range(2))
        small += pair_p_value(first, second) <= 0.05
    assert small / 400 <= 0.05


def test_holm_multiplies_the_smallest_p_value_by_the_number_of_pairs():
    correct = {"a": answers(50, 100), "b": answers(60, 100), "c": answers(90, 100)}
    found = {(pair.first, pair.second): pair for pair in compare_pairs(correct)}
    assert list(found) == [("b", "a"), ("c", "a"), ("c", "b")]
    assert found["c", "a"].p_value == pytest.approx(3 * stats.binomtest(0, 40).pvalue)
    assert found["c", "b"].p_value == pytest.approx(2 * stats.binomtest(0, 30).pvalue)
    assert found["b", "a"].p_value == pytest.approx(stats.binomtest(0, 10).pvalue)
    assert found["c", "a"].difference == pytest.approx(0.4)


def test_one_seeds_interval_is_that_of_a_paired_mean():
    rng = np.random.default_rng(3)
    first, second = rng.random((1, 500)) < 0.9, rng.random((1, 500)) < 0.8
    difference, low, high = bootstrap_difference(first, second, seed=0)
    paired = first[0].astype(int) - second[0].astype(int)
    expected = stats.t.interval(0.95, 499, loc=paired.mean(), scale=stats.sem(paired))
    assert difference == pytest.approx(paired.mean())
    assert (low, high) == pytest.approx(expected, abs=0.006)


def test_seeds_that_differ_widen_the_interval_and_the_order_only_turns_it_round():
    steady = np.repeat(answers(300, 400), 3, axis=0)
    shaky = np.concatenate([answers(right, 400) for right in (240, 300, 360)])
    _, low, high = bootstrap_difference(steady, np.repeat(answers(280, 400), 3, axis=0), seed=0)
    _, wide_low, wide_high = bootstrap_difference(steady, shaky, seed=0)
    assert wide_high - wide_low > 3 * (high - low)
    _, back_low, back_high = bootstrap_difference(shaky, steady, seed=0)
    assert (-back_high, -back_low) == pytest.approx((wide_low, wide_high), abs=0.03)


def test_p_values_are_corrected_by_holms_method():
    correct = {"a": answers(60, 100), "b": answers(70, 100), "c": answers(78, 100)}
    raw = [pair_p_value(correct[x], correct[y]) for x, y in (("b", "a"), ("c", "a"), ("c", "b"))]
    first, second, third = sorted(raw)
    # By hand: times 3, 2 and 1, and never less than the one before.
    by_hand = [3 * first, max(3 * first, 2 * second), max(3 * first, 2 * second, third)]
    found = [pair.p_value for pair in compare_pairs(correct)]
    assert sorted(found) == pytest.approx(by_hand)


def test_a_bootstrap_with_a_seed_is_the_same_twice_and_nearly_the_normal_interval():
    rng = np.random.default_rng(3)
    first, second = rng.random((1, 400)) < 0.9, rng.random((1, 400)) < 0.8
    found = bootstrap_difference(first, second, seed=0)
    assert bootstrap_difference(first, second, seed=0) == found
    differences = first[0].astype(float) - second[0]
    margin = 1.96 * differences.std(ddof=1) / 20
    assert found[0] == differences.mean()
    assert found[1:] == pytest.approx((found[0] - margin, found[0] + margin), abs=0.1 * margin)


def test_an_interval_of_a_difference_ends_at_one():
    first, second = np.ones((2, 4), bool), np.zeros((2, 4), bool)
    second[0] = True
    _, low, high = bootstrap_difference(first, second, seed=0)
    assert -1 <= low <= high == 1


def test_quantiles_are_stretched_to_students_by_satterthwaites_degrees():
    # (1 + 1)^2 / (1 / 2 + 1 / 2) is 4 degrees of freedom.
    by_hand = stats.t.ppf(0.975, 4) / stats.norm.ppf(0.975)
    assert stretch_quantiles([1.0, 1.0], [2, 2], 0.95) == pytest.approx(by_hand)
    # (3 + 1)^2 / (9 / 3 + 1 / 1) is 4 too.
    assert stretch_quantiles([3.0, 1.0], [3, 1], 0.95) == pytest.approx(by_hand)
    assert stretch_quantiles([0.0, 0.0], [2, 2], 0.95) == 1


def test_each_pair_has_the_bootstrap_of_its_own_scenarios():
    correct = {"a": answers(50, 100), "b": answers(60, 100), "c": answers(90, 100)}
    for pair in compare_pairs(correct):
        expected = bootstrap_difference(correct[pair.first], correct[pair.second], seed=0)
        assert (pair.difference, pair.low, pair.high) == expected


def test_few_images_stretch_the_interval_as_their_degrees_of_freedom_say():
    # Both seeds of a scenario are right equally often, so the six images alone vary.
    first = np.array([[1, 1, 1, 0, 1, 0], [1, 1, 0, 1, 1, 0]], bool)
    second = np.array([[0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 1, 0]], bool)
    by_image = first.mean(axis=0) - second.mean(axis=0)
    every = [np.mean(drawn) for drawn in itertools.product(by_image, repeat=6)]
    low, high = np.quantile(every, [0.1, 0.9])
    stretch = stats.t.ppf(0.9, 5) / stats.norm.ppf(0.9)
    mean = by_image.mean()
    found = bootstrap_difference(first, second, seed=0, confidence=0.8)
    expected = mean, mean + stretch * (low - mean), mean + stretch * (high - mean)
    assert found == pytest.approx(expected, abs=0.003)


@pytest.mark.parametrize(("seeds", "confidence"), [(2, 0.4), (3, 0.8)])
@pytest.mark.parametrize("turned", [False, True])
def test_few_seeds_stretch_the_interval_as_their_degrees_of_freedom_say(seeds, confidence, turned):
    # The last seed has no image right and the others all, so the seeds alone vary.
    shaky = np.arange(seeds)[:, None] < np.full((seeds, 200), seeds - 1)
    steady = np.ones((seeds, 200), bool)
    pair = (steady, shaky) if turned else (shaky, steady)
    difference, low, high = bootstrap_difference(*pair, seed=0, confidence=confidence)
    # The variance of a mean over seeds, as any textbook has it.
    margin = stats.t.ppf((1 + confidence) / 2, seeds - 1) * stats.sem(shaky[:, 0])
    assert difference == pytest.approx((-1) ** (not turned) / seeds)
    expected = difference - margin, difference + margin
    assert (low, high) == pytest.approx(expected, abs=0.08 * margin)


def test_the_part_that_varies_most_decides_the_degrees_of_freedom():
    # One image of 200 differs, and of three seeds one is wrong throughout: two degrees, nearly.
    shaky = np.ones((3, 200), bool)
    shaky[2] = False
    steady = np.ones((3, 200), bool)
    steady[:, 0] = False
    difference, low, high = bootstrap_difference(shaky, steady, seed=0, confidence=0.5)
    margin = stats.t.ppf(0.75, 2) * np.sqrt(1 / 9)
    assert (low, high) == pytest.approx((difference - margin, difference + margin), rel=0.05)
