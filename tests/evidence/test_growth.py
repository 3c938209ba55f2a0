"""Curves are found again, forecasts hold what comes true, and there is none where none is due."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import nnls

from tests.answers import make_answers
from threeway.evidence.growth import (
    POWERS,
    Curve,
    Forecast,
    Reason,
    Size,
    bound_error,
    draw_errors,
    find_crossing,
    find_reason,
    fit_error,
    fit_errors,
    forecast,
)
from threeway.evidence.uncertainty import (
    ACCURACY_RANGE,
    estimate_mean,
    estimate_share,
    score_answers,
)

SIZES = np.array([30.0, 60.0, 120.0, 240.0])
EQUAL = np.full(4, 1e-4)


def make_size(trained_on: float, correct: np.ndarray, groups: np.ndarray | None = None) -> Size:
    """Makes a size by which images are right: (images,) bool, in five folds."""
    answers = make_answers(correct, np.arange(len(correct)) % 5 + 1, groups)
    return Size(trained_on, score_answers(answers.correct, answers, ACCURACY_RANGE))


def make_sizes(*errors: float, images: int = 400) -> list[Size]:
    """Makes sizes with these errors: the first images are wrong, evenly over folds."""
    return [
        make_size(size, np.arange(images) >= round(error * images))
        for size, error in zip(SIZES, errors, strict=False)
    ]


def draw_sizes(curve: Curve, run_sd: float, seed: int, images: int = 350) -> list[Size]:
    """Draws answers of networks whose error falls along a curve, on images of all difficulties."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(0, 1, images)
    sizes = []
    for trained_on in SIZES:
        rank = stats.norm.cdf(np.sqrt(0.8) * ease + np.sqrt(0.2) * rng.normal(0, 1, images))
        error = curve.error_at(trained_on) + rng.normal(0, run_sd, 5)
        sizes.append(make_size(trained_on, rank >= error[np.arange(images) % 5]))
    return sizes


@pytest.mark.parametrize("power", [0.1, 0.45, 1.0, 1.5])
@pytest.mark.parametrize("rest", [0.0, 0.05])
def test_a_curve_is_found_again(power, rest):
    true = Curve(2.0, power, rest, 0.0)
    found = fit_error(SIZES, true.error_at(SIZES), EQUAL, floor=True)
    assert (found.a, found.b, found.c) == pytest.approx((2.0, power, rest))
    assert found.residual == pytest.approx(0, abs=1e-20)
    assert found.error_at(480) == pytest.approx(2 * 480**-power + rest)


def test_without_a_floor_no_error_remains():
    true = Curve(2.0, 0.5, 0.0, 0.0)
    found = fit_error(SIZES, true.error_at(SIZES), EQUAL, floor=False)
    assert (found.a, found.b, found.c) == (pytest.approx(2.0), pytest.approx(0.5), 0.0)
    flat = fit_error(SIZES, np.full(4, 0.2), EQUAL, floor=False)
    # As slow as any may fall, and so below 0.2 in the end.
    assert (flat.b, flat.c) == (0.1, 0.0)
    features = SIZES**-0.1
    assert flat.a == pytest.approx(0.2 * features.sum() / np.sum(features**2))
    expected = np.sum((0.2 - flat.a * features) ** 2) / 1e-4
    assert flat.residual == pytest.approx(expected)


def test_an_error_that_stays_or_rises_is_flat():
    flat = fit_error(SIZES, np.full(4, 0.25), EQUAL, floor=True)
    assert (flat.error_at(30), flat.error_at(480)) == pytest.approx((0.25, 0.25))
    rising = fit_error(SIZES, np.array([0.1, 0.2, 0.3, 0.4]), EQUAL, floor=True)
    assert (rising.a, rising.c) == (0.0, pytest.approx(0.25))
    assert rising.residual == pytest.approx(500)


def test_no_error_falls_faster_than_learners_do():
    steep = fit_error(SIZES, 100 * SIZES**-2, EQUAL, floor=True)
    assert (steep.b, steep.c) == (1.5, 0.0)


def test_no_errors_are_no_error():
    for floor in (True, False):
        curve = fit_error(SIZES, np.zeros(4), EQUAL, floor)
        assert (curve.a, curve.c, curve.residual) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_best_of_curves_that_are_allowed(seed):
    """By another way to the same least squares; errors below 0 as luck may draw them too."""
    rng = np.random.default_rng(seed)
    errors, variances = rng.normal(0.05, 0.1, 4), rng.uniform(1e-4, 1e-2, 4)
    for floor in (True, False):
        residuals = []
        for power in POWERS:
            columns = [SIZES**-power, np.ones(4)][: 1 + floor]
            weighted = np.stack(columns, axis=1) / np.sqrt(variances)[:, None]
            residuals.append(nnls(weighted, errors / np.sqrt(variances))[1] ** 2)
        found = fit_error(SIZES, errors, variances, floor)
        assert found.residual == pytest.approx(min(residuals))
        rest = errors - found.error_at(SIZES)
        assert found.residual == pytest.approx(np.sum(rest**2 / variances))
        assert min(found.a, found.c) >= 0


def test_many_curves_are_fitted_as_one_is():
    many = np.random.default_rng(0).uniform(0, 0.5, (7, 4))
    variances = np.array([4e-4, 3e-4, 2e-4, 1e-4])
    found = fit_errors(SIZES, many, variances, floor=True)
    assert found.error_at(480).shape == (7,)
    for number, errors in enumerate(many):
        one = fit_error(SIZES, errors, variances, floor=True)
        expected = one.a, one.b, one.c, one.residual
        row = [values[number] for values in (found.a, found.b, found.c, found.residual)]
        assert row == pytest.approx(expected)


def test_a_curve_is_drawn_at_many_sizes_at_once():
    assert list(Curve(1.0, 1.0, 0.5, 0.0).error_at(np.array([2.0, 4.0]))) == [1.0, 0.75]


def find(errors: list[float], variances: list[float]) -> Reason | None:
    """Finds a reason not to trust a flat curve at an error of 0.25."""
    # Whatever residual the fit had: that was by the luck of images alone.
    flat = Curve(0.0, 0.5, 0.25, 1e9)
    return find_reason(SIZES, flat, np.array(errors), np.array(variances))


def test_a_fit_is_poor_above_a_residual_of_four_by_all_luck():
    falling = [0.5, 0.375, 0.25, 0.125]
    # Squares over variances: 2, 1, 0 and 1.
    assert find(falling, [1 / 32, 1 / 64, 1 / 64, 1 / 64]) is None
    assert find(falling, [1 / 32, 1 / 64, 1 / 64, 1 / 65]) == Reason.POOR_FIT
    assert find(falling, [1 / 33, 1 / 64, 1 / 64, 1 / 64]) == Reason.POOR_FIT


def test_an_error_rises_by_more_than_one_standard_error_of_what_it_rises_to():
    rising = [0.25, 0.25, 0.25, 0.375]
    assert find(rising, [1, 1, 1, 1 / 64]) is None
    assert find(rising, [1, 1, 1, 1 / 65]) == Reason.FALLING
    # Whether or not it fits: of two reasons the plainer one is told.
    assert find([0.5, 0.25, 0.25, 0.375], [1 / 64, 1, 1, 1 / 65]) == Reason.FALLING
    assert find([0.25, 0.375, 0.25, 0.25], [1, 1 / 65, 1, 1]) == Reason.FALLING


def test_a_curve_is_judged_where_the_sizes_are():
    steep = Curve(30.0, 1.0, 0.0, 0.0)
    errors, tight = steep.error_at(SIZES), np.full(4, 1e-9)
    assert find_reason(SIZES, steep, errors, tight) is None
    assert find_reason(2 * SIZES, steep, errors, tight) == Reason.POOR_FIT


def test_a_forecast_is_the_curve_at_twice_the_most_images():
    sizes = make_sizes(0.4, 0.25, 0.175, 0.1375)
    found = forecast(sizes)
    assert found.trained_on == 480
    # Half the error beyond 0.1 with each doubling.
    assert found.accuracy == pytest.approx(1 - 0.11875)
    assert (found.curve.a, found.curve.b, found.curve.c) == pytest.approx((9, 1, 0.1))
    assert found.accuracy == 1 - found.curve.error_at(480)
    assert found.reason is None
    assert 0 < found.low < found.accuracy < found.high < 1
    assert forecast(sizes[::-1]) == found


def test_the_fit_weighs_by_how_sure_each_size_is_of_its_images():
    errors = np.array([0.3, 0.2, 0.2, 0.1])
    sizes = make_sizes(*errors)
    variances = np.array([estimate_mean(size.scores).by_images for size in sizes])
    curve = fit_error(SIZES, errors, variances, floor=True)
    assert forecast(sizes).accuracy == pytest.approx(1 - curve.error_at(480))
    evenly = fit_error(SIZES, errors, EQUAL, floor=True)
    assert curve.error_at(480) < evenly.error_at(480) - 0.001


def test_the_interval_is_of_both_curves_and_holds_that_nothing_is_gained():
    sizes = make_sizes(0.4, 0.25, 0.175, 0.1375)
    estimates = [estimate_mean(size.scores) for size in sizes]
    draws = draw_errors(sizes, estimates, np.random.default_rng(5))
    variances = np.array([one.by_images for one in estimates])
    low, high = bound_error(480, SIZES, draws, variances)
    _, today, _ = estimate_share(sizes[-1].scores)
    found = forecast(sizes, seed=5)
    assert 1 - high > today
    assert (found.low, found.high) == (today, 1 - low)


def test_where_luck_decides_less_than_today_may_be_left():
    """Networks of two folds fail on 70 %, but for the largest size, where all are alike."""
    numbers = np.arange(1000)
    unlucky = (numbers % 5 < 2) & (numbers < 700)
    sizes = [make_size(size, ~unlucky) for size in SIZES[:3]]
    sizes.append(make_size(240, numbers >= 250))
    estimates = [estimate_mean(size.scores) for size in sizes]
    variances = np.array([one.by_images for one in estimates])
    draws = draw_errors(sizes, estimates, np.random.default_rng(0))
    found = forecast(sizes)
    assert found.low == 1 - bound_error(480, SIZES, draws, variances)[1]
    assert found.low < estimate_share(sizes[-1].scores)[1] - 0.05


def test_bounds_are_quantiles_of_the_lower_and_of_the_higher_curve():
    draws = 2 * SIZES**-0.5 + np.linspace(0.1, 0.2, 101)[:, None]
    low, high = bound_error(480, SIZES, draws, EQUAL)
    # What falls on and on is lower than what falls to 0.1 or 0.2.
    lowest = fit_errors(SIZES, draws, EQUAL, floor=False).error_at(480)
    assert low == pytest.approx(np.quantile(lowest, 0.025))
    assert high == pytest.approx(2 * 480**-0.5 + 0.1975)
    assert low < 2 * 480**-0.5 + 0.1025


def test_an_error_is_at_most_one():
    assert bound_error(480, SIZES, np.full((10, 4), 1.2), EQUAL) == (1, 1)
    low, high = bound_error(480, SIZES, np.linspace(0.8, 1.2, 10)[:, None].repeat(4, 1), EQUAL)
    assert low < 0.85
    assert high == 1


def test_draws_are_of_groups_and_the_same_at_all_sizes():
    rng = np.random.default_rng(0)
    groups = np.sort(rng.integers(0, 40, 200))
    correct = rng.random(200) < 0.7
    sizes = [make_size(30, correct, groups), make_size(60, correct, groups)]
    certain = [replace(estimate_mean(size.scores), by_runs=0.0) for size in sizes]
    draws = draw_errors(sizes, certain, np.random.default_rng(0))
    assert draws.shape == (300, 2)
    assert np.all(draws[:, 0] == draws[:, 1])
    # As an image of each group alone would be, were its error the group's.
    sums, counts = np.bincount(groups, ~correct), np.bincount(groups)
    rows = np.random.default_rng(1).integers(0, len(counts), (5000, len(counts)))
    expected = sums[rows].sum(axis=1) / counts[rows].sum(axis=1)
    assert draws.mean() == pytest.approx(expected.mean(), abs=0.01)
    assert draws.std() == pytest.approx(expected.std(), rel=0.1)


def test_luck_of_runs_is_drawn_anew_at_each_size():
    sizes = make_sizes(0.0, 0.0)
    lucky = [
        replace(estimate_mean(size.scores), by_runs=variance)
        for size, variance in zip(sizes, (0.04, 0.0), strict=True)
    ]
    draws = draw_errors(sizes, lucky, np.random.default_rng(0))
    assert draws[:, 0].std() == pytest.approx(0.2, rel=0.1)
    assert draws[:, 0].mean() == pytest.approx(0, abs=0.04)
    assert np.all(draws[:, 1] == 0)


def test_three_sizes_are_too_few_even_where_one_is_there_twice():
    three = make_sizes(0.4, 0.3, 0.25)
    nothing = Forecast(240, None, None, None, Reason.TOO_FEW_SIZES)
    assert forecast(three) == replace(nothing, trained_on=240)
    assert forecast([*three, three[0]]) == nothing
    assert forecast(three[:1]) == replace(nothing, trained_on=60)


def test_an_accuracy_that_falls_has_no_forecast():
    found = forecast(make_sizes(0.3, 0.2, 0.2, 0.3))
    assert found == Forecast(480, None, None, None, Reason.FALLING)


def test_an_accuracy_that_networks_luck_explains_does_not_fall():
    numbers = np.arange(1000)
    sizes = make_sizes(0.2, 0.2, 0.2, images=1000)
    sizes.append(make_size(240, (numbers % 5 >= 2) | (numbers >= 700)))
    estimate = estimate_mean(sizes[-1].scores)
    assert estimate.mean == 0.72
    assert np.sqrt(estimate.by_images) < 0.08 < estimate.standard_error
    assert forecast(sizes).reason is None
    # By the luck of images alone it would fall, and by no curve.
    errors = np.array([0.2, 0.2, 0.2, 0.28])
    by_images = np.array([estimate_mean(size.scores).by_images for size in sizes])
    curve = forecast(sizes).curve
    assert find_reason(SIZES, curve, errors, by_images) == Reason.FALLING
    assert curve.residual == pytest.approx(
        np.sum((errors - curve.error_at(SIZES)) ** 2 / by_images)
    )
    assert curve.residual > 4


def test_an_accuracy_that_leaps_has_no_forecast():
    found = forecast(make_sizes(0.6, 0.6, 0.6, 0.1))
    assert found == Forecast(480, None, None, None, Reason.POOR_FIT)


def test_perfect_answers_stay_perfect_but_are_not_certain_to():
    found = forecast(make_sizes(0.0, 0.0, 0.0, 0.0))
    _, today, _ = estimate_share(make_sizes(0.0)[0].scores)
    assert found == Forecast(480, 1.0, today, 1.0, None, Curve(0.0, 0.1, 0.0, 0.0))
    assert today < 1
    never = forecast(make_sizes(1.0, 1.0, 1.0, 1.0))
    assert (never.accuracy, never.low) == pytest.approx((0, 0))


def test_the_same_bits_twice_and_others_of_another_seed():
    sizes = draw_sizes(Curve(2.0, 0.5, 0.05, 0.0), 0.02, seed=0)
    assert forecast(sizes) == forecast(sizes, seed=0)
    assert forecast(sizes, seed=1).high != forecast(sizes).high
    assert forecast(sizes, seed=1).accuracy == forecast(sizes).accuracy


@pytest.mark.parametrize(
    ("curve", "run_sd"),
    [
        (Curve(2.0, 0.5, 0.05, 0.0), 0.0),
        (Curve(2.0, 0.5, 0.05, 0.0), 0.03),
        (Curve(0.9, 0.25, 0.0, 0.0), 0.03),
        (Curve(20.0, 1.2, 0.1, 0.0), 0.02),
    ],
)
def test_the_interval_holds_the_truth(curve, run_sd):
    truth, found = 1 - curve.error_at(480), []
    for seed in range(40):
        one = forecast(draw_sizes(curve, run_sd, seed))
        if one.reason is None:
            assert 0 <= one.low <= one.accuracy <= one.high <= 1
            found.append(one.low <= truth <= one.high)
    assert len(found) > 33
    assert np.mean(found) > 0.93


def test_curves_cross_where_their_errors_are_equal():
    slow, fast = Curve(0.5, 0.25, 0.0, 0.0), Curve(5.0, 0.75, 0.0, 0.0)
    # 0.5 n^-0.25 = 5 n^-0.75 at n^0.5 = 10.
    assert find_crossing(slow, fast, 30, 240) == pytest.approx(100)
    assert find_crossing(fast, slow, 30, 240) == pytest.approx(100)
    flat = Curve(0.0, 0.1, 0.1, 0.0)
    assert find_crossing(Curve(1.0, 0.5, 0.0, 0.0), flat, 99, 101) == pytest.approx(100)


def test_curves_that_cross_elsewhere_twice_or_never_do_not():
    slow, fast = Curve(0.5, 0.25, 0.0, 0.0), Curve(5.0, 0.75, 0.0, 0.0)
    assert find_crossing(slow, fast, 30, 99) is None
    assert find_crossing(slow, fast, 101, 240) is None
    assert find_crossing(slow, slow, 30, 240) is None
    # Better with few images and with many, but not in between.
    twice = replace(fast, c=0.02)
    gaps = [slow.error_at(size) - twice.error_at(size) for size in (30, 400, 1e6)]
    assert np.sign(gaps).tolist() == [-1, 1, -1]
    assert find_crossing(slow, twice, 30, 1e6) is None
    assert find_crossing(slow, twice, 30, 400) is not None
