"""The words follow from the numbers."""

import pandas as pd
import pytest

from threeway.significance import Difference
from threeway.verdict import (
    describe_difference,
    recommend,
    remark_on_data,
    remark_on_pixels,
    remark_on_runs,
    remark_on_seeds,
    round_up,
)


def comparison(*rows: tuple[str, float, float, int], **columns) -> pd.DataFrame:
    names = ["scenario", "test_accuracy", "multiply_adds", "trainable_parameters"]
    return pd.DataFrame(rows, columns=names).assign(**columns)


TABLE = comparison(("cnn", 0.75, 90e6, 500), ("frozen", 0.91, 50e6, 10), ("tuned", 0.94, 50e6, 900))


def pair(first, second, difference, low, high, p_value=0.01):
    return Difference(first, second, difference, low, high, p_value)


def test_a_clear_winner_is_recommended_for_its_accuracy():
    differences = [pair("tuned", "cnn", 0.19, 0.1, 0.3), pair("tuned", "frozen", 0.03, 0.01, 0.05)]
    assert recommend(TABLE, differences) == (
        "Use tuned: 94.0 % on the test split, clearly more than the others."
    )


def test_a_winner_that_a_test_does_not_confirm_is_recommended_with_that_doubt():
    doubtful = pair("tuned", "frozen", 0.03, 0.01, 0.05, p_value=0.09)
    assert recommend(TABLE, [pair("tuned", "cnn", 0.19, 0.1, 0.3), doubtful]) == (
        "Use tuned: 94.0 % on the test split, by every interval, though not by every test, more "
        "than the others."
    )


def test_of_scenarios_that_cannot_be_told_apart_the_cheapest_is_recommended():
    differences = [pair("tuned", "cnn", 0.19, 0.1, 0.3), pair("tuned", "frozen", 0.03, -0.01, 0.07)]
    found = recommend(TABLE, differences)
    assert found.startswith("Use frozen: 91.0 % on the test split. tuned has the highest accuracy")
    assert "cnn" not in found


def test_the_best_is_recommended_where_it_is_the_cheapest_too():
    rows = [("cnn", 0.75, 90e6, 500), ("frozen", 0.94, 50e6, 10), ("tuned", 0.93, 50e6, 900)]
    unclear = pair("tuned", "frozen", -0.01, -0.03, 0.01)
    beaten = pair("cnn", "frozen", -0.19, -0.3, -0.1)
    told = (
        "Use frozen: 94.0 % on the test split, the highest; {} cannot be told apart from it here, "
        "and there is more to train in {} than its 10 parameters."
    )
    assert recommend(comparison(*rows), [beaten, unclear]) == told.format("tuned", "it")
    alike = pair("cnn", "frozen", -0.19, -0.4, 0.1)
    assert recommend(comparison(*rows), [alike, unclear]) == told.format("cnn and tuned", "them")


def test_a_clear_difference_is_stated_with_interval_and_test():
    assert describe_difference(pair("b", "a", 0.032, 0.004, 0.06), 200) == (
        "b beats a by 3.2 points (95 % interval 0.4 to 6.0; McNemar's p = 0.01)."
    )
    # The other way round, the better one still comes first.
    assert describe_difference(pair("a", "b", -0.032, -0.06, -0.004), 200).startswith(
        "b beats a by 3.2 points (95 % interval 0.4 to 6.0"
    )


def test_a_test_that_does_not_confirm_is_said():
    found = describe_difference(pair("b", "a", 0.032, 0.004, 0.06, p_value=0.2), 200)
    assert "McNemar's p = 0.2, which does not confirm it" in found


def test_an_unclear_difference_says_what_it_would_take():
    # A margin of 6 points with 87 images; 2 points need 9 times as many: 783, rounded up.
    assert describe_difference(pair("b", "a", 0.02, -0.04, 0.08, 0.5), 87) == (
        "This test split cannot tell b and a apart: 2.0 points (95 % interval -4.0 to 8.0; "
        "McNemar's p = 0.5). With 87 images only differences over about 6.0 points show; about "
        "790 images would be needed to show the one seen."
    )


def test_no_difference_at_all():
    assert describe_difference(pair("b", "a", 0.0, 0.0, 0.0, 1.0), 87) == (
        "b and a are right on the same test images."
    )


@pytest.mark.parametrize(("count", "rounded"), [(783, 790), (1201, 1300), (9.1, 10), (55, 55)])
def test_forecasts_are_rounded_up_to_two_digits(count, rounded):
    assert round_up(count) == rounded


def test_remarks_on_seeds():
    assert "One seed" in remark_on_seeds(pd.DataFrame({"seeds": [1, 1]}))[0]
    assert "Two seeds" in remark_on_seeds(pd.DataFrame({"seeds": [2, 2]}))[0]
    assert remark_on_seeds(pd.DataFrame({"seeds": [3, 3]})) == []


def test_remarks_on_runs_that_overfit_or_were_cut_off():
    fine = {"scenario": "fine", "train_accuracy": 0.95, "test_accuracy": 0.93}
    fine |= {"test_accuracy_high": 0.96, "unfinished_seeds": 0, "seeds": 3}
    over = fine | {"scenario": "over", "train_accuracy": 0.99, "test_accuracy": 0.9}
    early = fine | {"scenario": "early", "unfinished_seeds": 2}
    found = remark_on_runs(pd.DataFrame([fine, over, early]))
    assert [remark.split()[0] for remark in found] == ["over", "early"]
    assert "9.0 points between train and test" in found[0]
    assert "in 2 of 3 seeds" in found[1]


def test_remarks_on_small_and_uneven_classes():
    small = {"train": 9, "val": 2, "test": 2}
    large = {"train": 70, "val": 15, "test": 15}
    found = remark_on_data({"classes": {"rare": small, "common": large}})
    assert "Fewer than 10 test images: rare (2)." in found[0]
    assert "from 13 to 100 images" in found[1]
    assert remark_on_data({"classes": {"a": large, "b": large}}) == []


def test_pixels_out_of_the_backbones_range_are_flagged():
    assert remark_on_pixels([-1, 1]) == []
    assert "saw pixels in [0, 1], and learnt on [-1, 1]" in remark_on_pixels([0, 1])[0]
