"""The choice follows from intervals, margin and cost alone."""

import numpy as np
import pandas as pd
import pytest

from tests.answers import make_answers
from threeway.evidence.decision import Answer, Decision, decide, forecast_images
from threeway.evidence.significance import (
    Difference,
    bound_from_above,
    compare_pairs,
    weigh_margin,
)
from threeway.evidence.uncertainty import Estimate, bound_difference, weigh_difference

COSTS = {"cnn": (500, 90e6), "frozen": (10, 50e6), "tuned": (900, 40e6)}


def comparison(unfinished: tuple[str, ...] = (), **accuracies: float) -> pd.DataFrame:
    """Makes a comparison whose intervals reach 5 points to either side."""
    rows = [
        {
            "scenario": name,
            "split": "test",
            "images": 1000,
            "repeats": 1,
            "accuracy": accuracy,
            "accuracy_low": accuracy - 0.05,
            "accuracy_high": accuracy + 0.05,
            "trainable_parameters": COSTS[name][0],
            "parameters": 1000,
            "multiply_adds": COSTS[name][1],
            "runs": 5,
            "unfinished_runs": int(name in unfinished),
        }
        for name, accuracy in accuracies.items()
    ]
    return pd.DataFrame(rows)


def pair(first: str, second: str, value: float, spread: float, by_runs: float = 0.0) -> Difference:
    """Makes a difference with this standard error, of which runs have a share of the variance."""
    variance = spread**2
    parts = variance * (1 - by_runs), variance * by_runs
    estimate = Estimate(value, value, *parts, freedom=1e6, run_sd=0.0)
    low, high = bound_difference(estimate, 1 - 0.05 / 3)
    p_value = min(1.0, 3 * weigh_difference(estimate))
    shares = weigh_margin(estimate, 0.02)
    return Difference(first, second, value, low, high, p_value, shares, estimate)


def pairs(cnn: float, frozen: float, tuned: float, spread: float = 0.005, by_runs: float = 0.0):
    return [
        pair("frozen", "cnn", frozen - cnn, spread, by_runs),
        pair("tuned", "cnn", tuned - cnn, spread, by_runs),
        pair("tuned", "frozen", tuned - frozen, spread, by_runs),
    ]


def judge(cost: str = "training", spread: float = 0.005, **accuracies: float) -> Decision:
    table = comparison(**accuracies)
    return decide(table, pairs(**accuracies, spread=spread), 0.3, margin=0.02, cost=cost)


@pytest.mark.parametrize(
    ("accuracies", "spread", "answer", "choice"),
    [
        # The intervals reach 2.4 standard errors to either side.
        ({"cnn": 0.80, "frozen": 0.85, "tuned": 0.90}, 0.005, Answer.MUCH_BETTER, "tuned"),
        ({"cnn": 0.80, "frozen": 0.87, "tuned": 0.895}, 0.005, Answer.BETTER, "tuned"),
        ({"cnn": 0.80, "frozen": 0.89, "tuned": 0.90}, 0.001, Answer.CLOSE, "frozen"),
        ({"cnn": 0.80, "frozen": 0.89, "tuned": 0.895}, 0.005, Answer.AS_GOOD, "frozen"),
        ({"cnn": 0.80, "frozen": 0.895, "tuned": 0.89}, 0.005, Answer.AS_GOOD, "frozen"),
        ({"cnn": 0.80, "frozen": 0.88, "tuned": 0.90}, 0.02, Answer.UNDECIDED, "frozen"),
        ({"cnn": 0.895, "frozen": 0.88, "tuned": 0.89}, 0.02, Answer.UNDECIDED, "frozen"),
    ],
)
def test_each_answer(accuracies, spread, answer, choice):
    found = judge(spread=spread, **accuracies)
    assert (found.answer, found.choice) == (answer, choice)


def test_the_cheaper_one_to_run_may_be_another():
    alike = {"cnn": 0.80, "frozen": 0.895, "tuned": 0.89}
    assert judge(**alike).choice == "frozen"
    assert judge("running", **alike).choice == "tuned"


def test_of_what_trains_as_many_parameters_the_quicker_one_is_the_cheaper():
    table = comparison(cnn=0.80, frozen=0.90, tuned=0.90).assign(trainable_parameters=10)
    differences = pairs(0.80, 0.90, 0.90)
    assert decide(table, differences, 0.3, margin=0.02, cost="training").choice == "tuned"


def test_the_bound_is_shared_among_those_that_learnt_and_the_nearest_rival_is_named():
    found = judge(cnn=0.34, frozen=0.895, tuned=0.89)
    assert found.learnt == ["frozen", "tuned"]
    assert found.lead_confidence == pytest.approx(0.95)
    assert judge(cnn=0.80, frozen=0.895, tuned=0.89).lead_confidence == pytest.approx(0.975)
    # Not the one that comes last by name.
    assert judge(cnn=0.905, frozen=0.90, tuned=0.80).rival == "cnn"
    alone = judge(cnn=0.34, frozen=0.90, tuned=0.34)
    assert (alone.learnt, alone.lead_confidence) == (["frozen"], pytest.approx(0.95))


def test_a_scenario_that_is_not_clearly_above_chance_is_never_chosen():
    found = judge(cnn=0.34, frozen=0.345, tuned=0.36)
    assert found.learnt == ["tuned"]
    assert found.choice == found.shown == "tuned"
    nothing = judge(cnn=0.30, frozen=0.33, tuned=0.31)
    assert (nothing.answer, nothing.choice) == (Answer.NOTHING, None)
    # Its mistakes are worth a look all the same.
    assert nothing.shown == "frozen"
    # An interval that begins at chance is not above it.
    assert judge(cnn=0.1, frozen=0.1, tuned=0.35).choice is None


def test_runs_that_were_cut_off_are_known_whether_they_learnt_anything_or_not():
    table = comparison(("cnn", "tuned"), cnn=0.3, frozen=0.8, tuned=0.9)
    found = decide(table, pairs(0.3, 0.8, 0.9), 0.3, margin=0.02, cost="training")
    assert found.unfinished == ["cnn", "tuned"]


def test_the_forecast_is_for_two_that_are_equal_whatever_was_seen():
    # With 1,000 images a standard error of 2 points; (0.02 / (1.960 + 0.842))^2 is wanted.
    expected = 1000 * (0.02 / (0.02 / 2.8016)) ** 2
    for value in (0.0, 0.01, 0.03):
        found = forecast_images(pair("tuned", "frozen", value, 0.02), 1000, 0.02, 0.975)
        assert found == pytest.approx(expected, rel=0.001)
    # What runs have of the variance, images do not make smaller.
    wanted, mixed = (0.02 / 2.8016) ** 2, pair("a", "b", 0.0, 0.008, by_runs=0.25)
    expected = 1000 * 0.75 * 0.008**2 / (wanted - 0.25 * 0.008**2)
    assert forecast_images(mixed, 1000, 0.02, 0.975) == pytest.approx(expected, rel=0.002)
    # Where the division alone spreads as much, images do not help.
    assert forecast_images(pair("a", "b", 0.0, 0.02, by_runs=0.5), 1000, 0.02, 0.975) is None
    # Where there are images enough, fewer would do.
    assert forecast_images(pair("a", "b", 0.0, 0.001), 1000, 0.02, 0.975) < 1000


@pytest.mark.parametrize(("run_sd", "images"), [(0.0, 2550), (0.005, 3173), (0.008, 5125)])
def test_as_many_images_as_are_forecast_mostly_tell(run_sd, images):
    """So many are needed, were the variances known, of a pair that disagrees on 8 %."""
    rng, folds = np.random.default_rng(5), np.arange(images) % 5
    wrong, told = (1 - np.sqrt(1 - 2 * 0.08)) / 2, []
    for _ in range(60):
        luck = rng.normal(0, run_sd, (2, 5))
        right = rng.random((2, images)) < 1 - wrong + luck[:, folds]
        one, other = (make_answers(some, folds + 1) for some in right)
        [found] = compare_pairs({"a": one, "b": other}, 0.02)
        told.append(bound_from_above(found, "b", 0.975) < 0.02)
    assert 0.6 < np.mean(told) < 0.9


def test_what_is_undecided_has_a_forecast_and_nothing_else_has():
    assert judge(cnn=0.80, frozen=0.88, tuned=0.90, spread=0.02).images_needed > 1000
    assert judge(cnn=0.80, frozen=0.85, tuned=0.90).images_needed is None
