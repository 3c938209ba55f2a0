"""Pairs are compared all together, and luck in opposite directions is no evidence."""

import numpy as np
import pytest

from tests.answers import make_answers
from threeway.evidence.significance import bound_from_above, compare_pairs, weigh_margin
from threeway.evidence.uncertainty import bound_difference, weigh_difference

FOLDS = np.arange(300) % 5 + 1


def draw(share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(300) < share


def test_each_pair_is_there_once_the_later_scenario_first_and_all_hold_together():
    judged = {name: make_answers(draw(0.8, n), FOLDS) for n, name in enumerate("abc")}
    pairs = compare_pairs(judged, margin=0.02)
    assert [(pair.first, pair.second) for pair in pairs] == [("b", "a"), ("c", "a"), ("c", "b")]
    for pair in pairs:
        expected = judged[pair.first].correct.mean() - judged[pair.second].correct.mean()
        assert pair.difference == pytest.approx(expected)
        assert (pair.low, pair.high) == bound_difference(pair.estimate, 1 - 0.05 / 3)
        assert pair.p_value == min(1, 3 * weigh_difference(pair.estimate))
        assert sum(pair.shares) == pytest.approx(1)


def test_seeds_whose_winners_contradict_each_other_are_no_evidence():
    """Alone right on 60 and 20, on 20 and 60, and on 45 and 35 of 300 images."""
    first, second = np.ones((3, 300), bool), np.ones((3, 300), bool)
    for seed, (ours, theirs) in enumerate([(60, 20), (20, 60), (45, 35)]):
        second[seed, :ours] = False
        first[seed, ours : ours + theirs] = False
    judged = {"a": make_answers(second), "b": make_answers(first)}
    assert compare_pairs(judged, 0.02)[0].p_value > 0.5


def test_scenarios_that_never_differ_cannot_be_told_apart():
    judged = {name: make_answers(draw(0.8, 0), FOLDS) for name in "abc"}
    for pair in compare_pairs(judged, 0.02):
        assert pair.p_value == 1
        assert pair.low < 0 < pair.high


def test_equal_scenarios_are_rarely_told_apart():
    """Any of three pairs, of networks whose luck varies from fold to fold."""
    rng, wrong = np.random.default_rng(2), 0
    for _ in range(300):
        difficulty = rng.normal(0, 0.15, 300)
        luck = rng.normal(0, 0.02, (3, 6))
        judged = {
            str(n): make_answers(rng.random(300) < 0.8 + difficulty + luck[n][FOLDS], FOLDS)
            for n in range(3)
        }
        wrong += any(pair.p_value < 0.05 for pair in compare_pairs(judged, 0.02))
    assert wrong / 300 <= 0.06


def test_a_bound_from_above_is_one_sided_and_of_either_of_a_pair():
    judged = {"a": make_answers(draw(0.8, 1), FOLDS), "b": make_answers(draw(0.8, 2), FOLDS)}
    [pair] = compare_pairs(judged, 0.02)
    low, high = bound_difference(pair.estimate, 0.9)
    assert bound_from_above(pair, "b", 0.95) == pytest.approx(high)
    assert bound_from_above(pair, "a", 0.95) == pytest.approx(-low)


def test_shares_are_those_of_the_interval():
    judged = {"a": make_answers(draw(0.6, 1), FOLDS), "b": make_answers(draw(0.9, 2), FOLDS)}
    [pair] = compare_pairs(judged, 0.02)
    below, within, above = weigh_margin(pair.estimate, 0.02)
    assert below < within < 0.01
    assert above > 0.99
