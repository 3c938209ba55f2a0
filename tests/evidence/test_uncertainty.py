"""Variances by hand, and intervals that hold the truth where it is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import f1_score

from tests.answers import make_answers, make_predictions
from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import (
    ACCURACY_RANGE,
    DIFFERENCE_RANGE,
    Estimate,
    bound_accuracy,
    bound_difference,
    estimate_accuracy,
    estimate_macro_f1,
    estimate_mean,
    linearise_macro_f1,
    score_answers,
    weigh_difference,
)


def test_one_division_with_one_seed_by_hand():
    estimate, low, high = estimate_accuracy(make_answers(np.arange(10) < 8))
    # Two pseudo-images, one right and one wrong: 9 of 12.
    assert estimate.mean == 0.8
    assert estimate.centre == pytest.approx(9 / 12)
    spread = 12 / 11 * (9 * 0.25**2 + 3 * 0.75**2) / 12**2
    assert (estimate.by_images, estimate.by_runs) == pytest.approx((spread, 0))
    assert estimate.freedom == 9
    assert np.isnan(estimate.run_sd)
    assert low < 0.6
    assert high > 0.9


def test_two_folds_by_hand():
    # Means 1 and 0.5; within the second, two of four are right.
    correct, folds = np.array([1, 1, 1, 1, 1, 1, 0, 0], bool), np.repeat([1, 2], 4)
    estimate = estimate_mean(score_answers(correct[None], make_answers(correct, folds), (0.0, 1.0)))
    centre = 7 / 10
    spread = 10 / 9 * (7 * 0.3**2 + 3 * 0.7**2) / 10**2
    seen = np.var([1, 0.5], ddof=1) / 2
    expected = np.mean([0, 4 / 3 * (4 * 0.5**2) / 4**2]) / 2
    assert estimate.centre == pytest.approx(centre)
    # Half of Nadeau and Bengio's correction: 1 + 2 / (2 * 1).
    assert estimate.by_images == pytest.approx(2 * spread)
    assert estimate.by_runs == pytest.approx(seen - expected)
    total = 2 * spread + seen - expected
    freedom = total**2 / ((2 * spread - expected) ** 2 / 7 + seen**2 / 1)
    assert estimate.freedom == pytest.approx(freedom)
    assert estimate.run_sd == pytest.approx(np.sqrt(2 * (seen - expected)))


def test_seeds_on_one_division_by_analysis_of_variance():
    correct = np.random.default_rng(0).random((3, 200)) < [[0.7], [0.8], [0.9]]
    estimate = estimate_mean(score_answers(correct, make_answers(correct), ACCURACY_RANGE))
    by_image, by_seed, mean = correct.mean(axis=0), correct.mean(axis=1), correct.mean()
    rest = correct - by_image - by_seed[:, None] + mean
    # Mean squares: (MS_seed - MS_rest) / (seeds x images).
    ms_seed = 200 * np.sum((by_seed - mean) ** 2) / 2
    ms_rest = np.sum(rest**2) / (199 * 2)
    assert estimate.by_runs == pytest.approx((ms_seed - ms_rest) / 600)
    assert estimate.run_sd == pytest.approx(np.sqrt((ms_seed - ms_rest) / 200))
    total = estimate.by_images + estimate.by_runs
    parts = (estimate.by_images - ms_rest / 600) ** 2 / 199 + (ms_seed / 600) ** 2 / 2
    assert estimate.freedom == pytest.approx(total**2 / parts)
    # Seeds that all say the same have none.
    alike = estimate_accuracy(make_answers(np.tile(correct[0], (3, 1))))[0]
    assert (alike.by_runs, alike.run_sd) == (0, 0)


def test_two_divisions_by_hand():
    # Each division's folds are compared with each other, and not with those of the other.
    correct = np.array([[1, 1, 1, 1, 0, 0, 0, 1], [1, 0, 1, 1, 0, 0, 0, 0]], bool)
    folds = np.stack([np.repeat([1, 2], 4), np.repeat([3, 4], 4)])
    answers = make_answers(correct, folds, repeats=2)
    estimate = estimate_mean(score_answers(correct, answers, ACCURACY_RANGE))
    # Means of folds: 1 and 0.25, 0.75 and 0.
    seen = np.mean([np.var([1, 0.25], ddof=1), np.var([0.75, 0], ddof=1)]) / 4
    within = [0, 4 / 3 * (3 * 0.25**2 + 0.75**2) / 16, 4 / 3 * (3 * 0.25**2 + 0.75**2) / 16, 0]
    expected = np.mean(within) / 4
    assert estimate.by_runs == pytest.approx(seen - expected)
    assert estimate.run_sd == pytest.approx(np.sqrt(4 * (seen - expected)))
    total = estimate.by_images + estimate.by_runs
    parts = (estimate.by_images - expected) ** 2 / 7 + seen**2 / 2
    assert estimate.freedom == pytest.approx(total**2 / parts)


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_sd_between_networks_is_theirs_however_many_seeds_a_fold_has(seeds):
    rng, folds, found = np.random.default_rng(3), np.arange(2000) % 5 + 1, []
    for _ in range(50):
        luck = rng.normal(0, 0.03, (seeds, 5))
        correct = rng.random((seeds, 2000)) < 0.8 + luck[:, folds - 1]
        found.append(estimate_accuracy(make_answers(correct, folds))[0].run_sd)
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(0.03, abs=0.003)


@given(st.integers(2, 30), st.integers(2, 6), st.integers(0, 100))
def test_copies_of_an_image_say_no_more_than_one(images, copies, seed):
    once = np.random.default_rng(seed).random(images) < 0.7
    groups = np.arange(images).repeat(copies)
    one, many = (
        estimate_accuracy(make_answers(once)),
        estimate_accuracy(make_answers(once.repeat(copies), groups=groups)),
    )
    assert many[0].by_images == pytest.approx(one[0].by_images)
    assert many[1:] == pytest.approx(one[1:])


@given(st.floats(-0.9, 0.9), st.floats(1e-6, 0.05), st.floats(1, 1000))
def test_interval_and_test_of_a_difference_always_agree(centre, variance, freedom):
    estimate = Estimate(centre, centre, variance, 0.0, freedom, 0.0)
    low, high = bound_difference(estimate)
    assert (low > 0 or high < 0) == (weigh_difference(estimate) < 0.05)


def test_what_never_differs_is_not_certain_to_be_equal():
    same = make_answers(np.zeros(100, bool))
    estimate = estimate_mean(score_answers(np.zeros((1, 100)), same, DIFFERENCE_RANGE))
    low, high = bound_difference(estimate)
    assert -0.05 < low < 0 < high < 0.05
    assert weigh_difference(estimate) == 1
    _, low, high = estimate_accuracy(make_answers(np.ones(30, bool)))
    assert 0.8 < low < 0.95
    assert high == 1


def test_a_class_that_is_not_in_every_fold_has_an_interval_all_the_same():
    answers = make_answers(np.arange(20) % 4 > 0, np.repeat([1, 2, 3, 4], 5))
    estimate, low, high = estimate_accuracy(answers, np.arange(20) < 7)
    assert estimate.by_runs == 0
    assert 0 < low < estimate.mean < high < 1


@pytest.mark.parametrize(("run_sd", "repeats"), [(0.0, 1), (0.03, 1), (0.03, 2)])
def test_intervals_hold_the_truth_over_divisions(run_sd, repeats):
    """Networks of different luck, images of different difficulty, in pairs that are alike."""
    rng, images, folds, held = np.random.default_rng(1), 400, 5, []
    for _ in range(300):
        difficulty = rng.normal(0, 0.15, images // 2).repeat(2)
        division = np.stack(
            [
                repeat * folds + rng.permutation(np.arange(images // 2) % folds).repeat(2)
                for repeat in range(repeats)
            ]
        )
        luck = rng.normal(0, run_sd, folds * repeats)
        correct = rng.random((repeats, images)) < 0.8 + difficulty + luck[division]
        groups = np.arange(images // 2).repeat(2)
        answers = make_answers(correct, division + 1, groups, repeats)
        _, low, high = estimate_accuracy(answers)
        # Clipped shares: the truth is a little less than 0.8.
        truth = np.clip(0.8 + np.random.default_rng(0).normal(0, 0.15, 10**5), 0, 1).mean()
        held.append(low <= truth <= high)
    assert np.mean(held) > 0.93


@pytest.mark.parametrize("images", [30, 100, 300])
@pytest.mark.parametrize("accuracy", [0.005, 0.02, 0.9, 0.97, 0.985, 0.995])
def test_near_none_and_all_right_intervals_hold_the_truth_too(images, accuracy):
    """Exactly: each number of right answers with its probability."""
    numbers = np.arange(images)
    bounds = [estimate_accuracy(make_answers(numbers < right))[1:] for right in range(images + 1)]
    held = [low <= accuracy <= high for low, high in bounds]
    shares = stats.binom.pmf(np.arange(images + 1), images, accuracy)
    assert shares[held].sum() > 0.935


def test_wilson_is_what_it_is_in_textbooks():
    estimate = Estimate(0.9, 0.9, 0.9 * 0.1 / 100, 0.0, 1e9, 0.0)
    low, high = bound_accuracy(estimate)
    z = stats.norm.ppf(0.975)
    centre = (0.9 + z**2 / 200) / (1 + z**2 / 100)
    margin = z / (1 + z**2 / 100) * np.sqrt(0.9 * 0.1 / 100 + z**2 / 40000)
    assert (low, high) == pytest.approx((centre - margin, centre + margin))


def answer_at_random(folds: int, rare: float, seed: int) -> Predictions:
    """Makes answers in three classes, of which one is rare, each right in three of four cases."""
    rng = np.random.default_rng(seed)
    actual = rng.choice(3, 300, p=[0.5, 0.5 - rare, rare])
    named = np.where(rng.random(300) < 0.75, actual, rng.integers(0, 3, 300))
    division = np.arange(300) % folds + 1
    return make_predictions(["a", "b", "c"], actual, np.eye(3)[named][None], division)


def test_a_macro_f1_is_the_mean_of_what_its_images_add():
    answers = answer_at_random(5, 0.1, seed=0)
    expected = f1_score(answers.actual, answers.predicted[0], average="macro")
    assert linearise_macro_f1(answers, 0).mean() == pytest.approx(expected)
    estimate, low, high = estimate_macro_f1(answers)
    assert estimate.mean == pytest.approx(expected)
    assert low < expected < high


def test_what_an_image_adds_is_what_counting_it_more_often_changes():
    answers = answer_at_random(5, 0.1, seed=1)
    values, more = linearise_macro_f1(answers, 0), 1e-4
    actual, predicted = answers.actual, answers.predicted[0]
    score = f1_score(actual, predicted, average="macro")
    for image in range(0, 300, 30):
        weights = np.ones(300)
        weights[image] += more
        weighed = f1_score(actual, predicted, average="macro", sample_weight=weights)
        slope = (weighed - score) / more
        assert values[image] == pytest.approx(score + 300 * slope, abs=1e-2)


def test_a_class_without_images_has_a_score_of_none_as_elsewhere():
    answers = make_predictions(["a", "b", "c"], np.zeros(9, int), np.eye(3)[[0] * 8 + [1]][None])
    expected = f1_score(
        answers.actual, answers.predicted[0], labels=[0, 1, 2], average="macro", zero_division=0
    )
    assert linearise_macro_f1(answers, 0).mean() == pytest.approx(expected)
    # Two that have some, and a third that neither has nor is named.
    actual, named = np.array([0, 0, 0, 1, 1]), np.eye(3)[[0, 0, 1, 1, 1]][None]
    answers = make_predictions(["a", "b", "c"], actual, named)
    assert linearise_macro_f1(answers, 0).mean() == pytest.approx((0.8 + 0.8) / 3)


@pytest.mark.parametrize("rare", [0.3, 0.05])
def test_the_interval_of_a_macro_f1_holds_the_truth(rare):
    # Of 100 times as many images, the score is the one to expect.
    many = [answer_at_random(5, rare, seed) for seed in range(1000, 1100)]
    truth = f1_score(
        np.concatenate([answers.actual for answers in many]),
        np.concatenate([answers.predicted[0] for answers in many]),
        average="macro",
    )
    bounds = [estimate_macro_f1(answer_at_random(5, rare, seed))[1:] for seed in range(300)]
    held = np.mean([low <= truth <= high for low, high in bounds])
    assert held > 0.93
