"""The same trials whatever came between; a hopeless one ends early; the lowest loss is chosen."""

import math

import pytest

from threeway.settings import Range
from threeway.training.tuning import Judge, Trial, choose, propose

RANGES = {
    "baseline_cnn.learning_rate": Range(low=1e-4, high=1e-2),
    "baseline_cnn.dense_units": [8, 16, 32],
    "training.augmented_share": Range(low=0.0, high=1.0),
}
WRITTEN = {
    "baseline_cnn.learning_rate": 0.001,
    "baseline_cnn.dense_units": 8,
    "training.augmented_share": 1.0,
}


def search(num_trials: int, key: tuple[int, ...] = (1, 1)) -> list[Trial]:
    """Searches for what is best near a rate of 0.003 and without augmentation."""
    trials = [measure(WRITTEN)]
    while len(trials) < num_trials:
        trials.append(measure(propose(RANGES, trials, key)))
    return trials


def measure(values: dict[str, object]) -> Trial:
    distance = abs(math.log10(values["baseline_cnn.learning_rate"] / 0.003))
    loss = distance + values["training.augmented_share"]
    return Trial(values, (loss + 1, loss, loss + 0.5))


def test_what_is_tried_depends_on_the_key_and_what_was_found_and_on_nothing_else():
    trials = search(9)
    assert search(9) == trials
    assert search(6) == trials[:6], "fewer trials are the first of more"
    assert search(9, key=(1, 2))[1:] != trials[1:]
    other = [*trials[:5], Trial(trials[5].values, (0.0,)), *trials[6:]]
    assert propose(RANGES, trials[:5], (1, 1)) == trials[5].values
    assert propose(RANGES, other, (1, 1)) != propose(RANGES, trials, (1, 1))


def test_what_is_tried_is_in_its_range_and_short_to_write():
    for trial in search(20)[1:]:
        rate, units, share = (trial.values[name] for name in RANGES)
        assert 1e-4 <= rate <= 1e-2
        assert rate == float(f"{rate:.3g}")
        assert units in (8, 16, 32)
        assert 0 <= share <= 1
        assert share == round(share, 2)


def test_rates_are_sought_on_a_logarithmic_scale():
    rates = [
        propose(RANGES, [measure(WRITTEN)], (k,))["baseline_cnn.learning_rate"] for k in range(40)
    ]
    assert 10 <= sum(rate < 1e-3 for rate in rates) <= 30


def test_after_a_while_what_was_found_leads_the_search():
    found = [search(25, key=(k,)) for k in range(3)]
    first = [trial.loss for trials in found for trial in trials[1:6]]
    last = [trial.loss for trials in found for trial in trials[-5:]]
    assert sum(last) < 0.6 * sum(first)


def test_rounding_stays_in_the_range():
    ranges = {"a.learning_rate": Range(low=0.0012349, high=0.0012351)}
    for key in range(5):
        value = propose(ranges, [Trial({"a.learning_rate": 0.001235}, (1.0,))], (key,))
        assert 0.0012349 <= value["a.learning_rate"] <= 0.0012351


def make_trials(*losses: tuple[float, ...]) -> list[Trial]:
    return [Trial(WRITTEN, one) for one in losses]


def test_a_trial_is_given_up_when_it_is_behind_the_median_of_its_epoch():
    trials = make_trials((1.0, 0.9, 0.8), (1.0, 0.8, 0.5), (1.0, 0.7, 0.4))
    judge = Judge(trials, epochs=5)
    # The first fifth of five epochs is not judged.
    assert not judge.gives_up(2.0, 0)
    assert not judge.gives_up(0.79, 1)
    # Its lowest loss so far counts, and not its last.
    assert Judge(trials, 5).gives_up(0.81, 1)
    assert not judge.gives_up(0.5, 2)
    late = Judge(trials, 5)
    late.gives_up(0.45, 1)
    assert not late.gives_up(9.0, 2)


def test_nothing_is_judged_by_fewer_than_three_that_ended():
    two = make_trials((1.0, 0.2), (1.0, 0.1))
    assert not Judge(two, 2).gives_up(9.0, 1)
    lost = Trial(WRITTEN, (0.5, 0.1), given_up=True)
    assert not Judge([*two, lost], 2).gives_up(9.0, 1)
    assert Judge([*two, *two[:1]], 2).gives_up(9.0, 1)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_a_trial_at_once(loss):
    assert Judge(make_trials((1.0,)), 5).gives_up(loss, 0)


def test_the_lowest_loss_of_those_that_ended_is_chosen_the_first_of_equals():
    trials = make_trials((3.0, 2.0), (1.0, 4.0), (2.0, 1.0))
    assert choose(trials) == 1
    assert choose([*trials, Trial(WRITTEN, (0.1,), given_up=True)]) == 1
    with pytest.raises(ValueError, match=r"^min\(\)"):
        choose([Trial(WRITTEN, (0.1,), given_up=True)])


def test_trials_that_told_nothing_are_no_hindrance():
    lost = Trial(WRITTEN, (), given_up=True)
    assert lost.loss == math.inf
    assert propose(RANGES, [measure(WRITTEN), lost], (1,)).keys() == RANGES.keys()
