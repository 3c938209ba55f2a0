"""The words follow from the numbers."""

import pandas as pd
import pytest

from threeway.evidence.decision import Decision, decide
from threeway.evidence.significance import Difference
from threeway.evidence.verdict import (
    describe_difference,
    list_next_steps,
    round_up,
    word_decision,
)

CHANCE = {"uniform": 0.25, "majority": 0.31, "majority_class": "tops"}


def comparison(*rows: tuple[str, float, float, int], **columns) -> pd.DataFrame:
    """Makes a comparison whose intervals reach 5 points to either side."""
    names = ["scenario", "accuracy", "multiply_adds", "trainable_parameters"]
    table = pd.DataFrame(rows, columns=names)
    columns = {"split": "test", "unfinished_seeds": 0} | columns
    margins = {"accuracy_low": table["accuracy"] - 0.05, "accuracy_high": table["accuracy"] + 0.05}
    return table.assign(**margins, **columns)


def recommend(table: pd.DataFrame, differences: list[Difference]) -> str:
    return word_decision(decide(table, differences, 0.31), table, differences, CHANCE)


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
        "Use frozen: 94.0 % on the test split, the highest. {} cannot be told apart from it here, "
        "and frozen has the least to train: 10 parameters."
    )
    assert recommend(comparison(*rows), [beaten, unclear]) == told.format("tuned")
    alike = pair("cnn", "frozen", -0.19, -0.4, 0.1)
    assert recommend(comparison(*rows), [alike, unclear]) == told.format("cnn and tuned")


def test_a_scenario_that_is_not_clearly_above_chance_is_never_recommended():
    rows = [("cnn", 0.35, 90e6, 1), ("frozen", 0.60, 50e6, 10), ("tuned", 0.62, 50e6, 900)]
    alike = [pair("tuned", "cnn", 0.27, -0.1, 0.6), pair("tuned", "frozen", 0.02, -0.1, 0.1)]
    found = decide(comparison(*rows), alike, chance=0.31)
    assert found == Decision("tuned", ["frozen", "tuned"], "tuned", ["frozen", "tuned"])
    assert found.choice == found.shown == "frozen"


def test_where_nothing_is_learnt_nothing_is_recommended():
    table = comparison(("cnn", 0.30, 90e6, 1), ("frozen", 0.33, 50e6, 10))
    nothing = Decision("frozen", [], None, [])
    assert decide(table, [], chance=0.31) == nothing
    # Its mistakes are worth a look all the same.
    assert (nothing.choice, nothing.shown) == (None, "frozen")
    assert recommend(table, []) == (
        "Use none of them: nothing was learnt that shows. The highest accuracy on the test split "
        "is 33.0 % (frozen; 95 % interval 28.0 to 38.0), and calling every image tops would give "
        "31.0 %."
    )
    steps = list_next_steps(nothing, table)
    assert "plots/samples.png" in steps[0]
    assert "learning_rate" in steps[1]


def test_an_accuracy_whose_interval_begins_at_chance_is_not_above_it():
    table = comparison(("frozen", 0.36, 50e6, 10))
    assert decide(table, [], chance=table["accuracy_low"].iloc[0]).choice is None


def test_next_steps_begin_with_what_is_unfinished_and_end_with_the_choice():
    table = comparison(("cnn", 0.75, 90e6, 5), ("tuned", 0.9, 5e6, 9), unfinished_seeds=[2, 1])
    both = Decision("tuned", ["cnn", "tuned"], "tuned", ["tuned"])
    one = Decision("tuned", ["tuned"], "tuned", ["tuned"])
    steps = list_next_steps(both, table.assign(split="val"))
    assert steps[0] == "Raise cnn.epochs and tuned.epochs in params.yaml and run 'dvc repro'."
    # More epochs do not help what has learnt nothing.
    assert list_next_steps(one, table)[0].startswith("Raise tuned.epochs in")
    assert steps[1].startswith("When the settings are final, set evaluation.split to test")
    assert steps[-1].endswith("python -m stages.predict photo.jpg")
    assert len(list_next_steps(one, TABLE)) == 2


def test_a_clear_difference_is_stated_with_interval_and_test():
    assert describe_difference(pair("b", "a", 0.032, 0.004, 0.06), 200, "test") == (
        "b beats a by 3.2 points (95 % interval 0.4 to 6.0; McNemar's p = 0.01 after Holm's "
        "correction)."
    )
    # The other way round, the better one still comes first.
    assert describe_difference(pair("a", "b", -0.032, -0.06, -0.004), 200, "test").startswith(
        "b beats a by 3.2 points (95 % interval 0.4 to 6.0"
    )


def test_a_test_that_does_not_confirm_is_said():
    found = describe_difference(pair("b", "a", 0.032, 0.004, 0.06, p_value=0.2), 200, "test")
    assert "McNemar's p = 0.2 after Holm's correction, which does not confirm it" in found


def test_an_unclear_difference_says_what_it_would_take():
    # A margin of 6 points with 87 images; 2 points need 9 times as many: 783, rounded up.
    assert describe_difference(pair("b", "a", 0.02, -0.04, 0.08, 0.5), 87, "test") == (
        "This test split cannot tell b and a apart: 2.0 points (95 % interval -4.0 to 8.0; "
        "McNemar's p = 0.5 after Holm's correction). With 87 images only "
        "differences over about 6.0 points show; about "
        "790 images would be needed to show the one seen."
    )


def test_no_difference_at_all():
    assert describe_difference(pair("b", "a", 0.0, 0.0, 0.0, 1.0), 87, "val") == (
        "b and a are right on the same val images."
    )


@pytest.mark.parametrize(("count", "rounded"), [(783, 790), (1201, 1300), (9.1, 10), (55, 55)])
def test_forecasts_are_rounded_up_to_two_digits(count, rounded):
    assert round_up(count) == rounded
