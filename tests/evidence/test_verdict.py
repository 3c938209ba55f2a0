"""The words follow from the decision."""

import pytest

from tests.evidence.test_decision import comparison, pair, pairs
from threeway.evidence.decision import Answer, decide
from threeway.evidence.verdict import (
    describe_difference,
    describe_forecast,
    describe_lead,
    list_next_steps,
    round_up,
    word_decision,
)

CHANCE = {"uniform": 0.25, "majority": 0.31, "majority_class": "tops"}


def word(
    cnn: float,
    frozen: float,
    tuned: float,
    spread: float = 0.005,
    unfinished: tuple[str, ...] = (),
    cost: str = "training",
    trials: int = 0,
) -> str:
    table = comparison(unfinished, cnn=cnn, frozen=frozen, tuned=tuned)
    differences = pairs(cnn, frozen, tuned, spread)
    return word_decision(decide(table, differences, 0.31, 0.02, cost), table, CHANCE, trials)


@pytest.mark.parametrize(
    ("accuracies", "spread", "said"),
    [
        (
            (0.80, 0.85, 0.90),
            0.005,
            "Use tuned: 90.0 % of the test images right, with these recipes more than 2 points "
            "better than the others.",
        ),
        (
            (0.80, 0.87, 0.895),
            0.005,
            "Use tuned: 89.5 % of the test images right, with these recipes better than the "
            "others.",
        ),
        (
            (0.80, 0.89, 0.90),
            0.001,
            "Use frozen: 89.0 % of the test images right. With these recipes tuned (90.0 %) is "
            "better, but by less than 2 points, and frozen is the cheapest to train, with 10 "
            "parameters.",
        ),
        (
            (0.80, 0.89, 0.895),
            0.005,
            "Use frozen: 89.0 % of the test images right. No other is more than 2 points better, "
            "not even tuned (89.5 %), and frozen is the cheapest to train, with 10 parameters.",
        ),
        (
            (0.80, 0.895, 0.89),
            0.005,
            "Use frozen: 89.5 % of the test images right, the highest, and the cheapest to train, "
            "with 10 parameters; no other is more than 2 points better.",
        ),
        (
            (0.80, 0.88, 0.90),
            0.02,
            "Use frozen: 88.0 % of the test images right. Whether tuned (90.0 %) is more than 2 "
            "points better cannot be told, and frozen is the cheapest to train, with 10 "
            "parameters.",
        ),
    ],
)
def test_each_answer_has_its_headline(accuracies, spread, said):
    assert word(*accuracies, spread) == said


@pytest.mark.parametrize(
    ("accuracies", "spread", "said"),
    [
        (
            (0.80, 0.85, 0.90),
            0.005,
            "Use tuned: 90.0 % of the test images right, more than 2 points better than the "
            "others, each tuned with 12 trials; cnn (1 of 5 runs) had not stopped improving.",
        ),
        (
            (0.80, 0.87, 0.895),
            0.005,
            "Use tuned: 89.5 % of the test images right, better than the others, each tuned with "
            "12 trials; cnn (1 of 5 runs) had not stopped improving.",
        ),
        (
            (0.80, 0.89, 0.90),
            0.001,
            "Use frozen: 89.0 % of the test images right. Each tuned with 12 trials, tuned "
            "(90.0 %) is better, but by less than 2 points, and frozen is the cheapest to train, "
            "with 10 parameters; cnn (1 of 5 runs) had not stopped improving.",
        ),
        (
            (0.80, 0.89, 0.895),
            0.005,
            "Use frozen: 89.0 % of the test images right. Each tuned with 12 trials, no other is "
            "more than 2 points better, not even tuned (89.5 %), and frozen is the cheapest to "
            "train, with 10 parameters; cnn (1 of 5 runs) had not stopped improving.",
        ),
        (
            (0.80, 0.895, 0.89),
            0.005,
            "Use frozen: 89.5 % of the test images right, the highest, and the cheapest to train, "
            "with 10 parameters; each tuned with 12 trials, no other is more than 2 points better; "
            "cnn (1 of 5 runs) had not stopped improving.",
        ),
        (
            (0.80, 0.88, 0.90),
            0.02,
            "Use frozen: 88.0 % of the test images right. Each tuned with 12 trials, whether tuned "
            "(90.0 %) is more than 2 points better cannot be told, and frozen is the cheapest to "
            "train, with 10 parameters; cnn (1 of 5 runs) had not stopped improving.",
        ),
    ],
)
def test_where_recipes_were_tuned_the_headline_says_so(accuracies, spread, said):
    assert word(*accuracies, spread, unfinished=("cnn",), trials=12) == said


def test_a_rival_that_had_not_stopped_improving_is_named():
    assert word(0.80, 0.87, 0.895, unfinished=("cnn",)) == (
        "Use tuned: 89.5 % of the test images right, with these recipes better than the others; "
        "cnn (1 of 5 runs) had not stopped improving."
    )
    # That the choice itself might be better still takes nothing away from it.
    assert "improving" not in word(0.80, 0.87, 0.895, unfinished=("tuned",))


def test_what_is_cheapest_to_run_says_so():
    assert word(0.80, 0.895, 0.89, cost="running").endswith(
        "tuned is the cheapest to run, with 40 million multiplications an image."
    )


def test_where_nothing_is_learnt_nothing_is_recommended():
    assert word(0.30, 0.33, 0.31) == (
        "Use none of them: nothing was learnt that shows. The highest accuracy on the test images "
        "is 33.0 % (frozen; 95 % interval 28.0 to 38.0), and calling every image tops would give "
        "31.0 %."
    )
    table = comparison(cnn=0.30, frozen=0.33, tuned=0.31)
    nothing = decide(table, pairs(0.30, 0.33, 0.31), 0.31, 0.02, "training")
    steps = list_next_steps(nothing, table)
    assert "plots/samples.png" in steps[0]
    assert "learning_rate" in steps[1]


def test_next_steps_begin_with_what_is_unfinished_and_end_with_the_choice():
    table = comparison(("cnn", "tuned"), cnn=0.75, frozen=0.8, tuned=0.9).assign(split="val")
    found = decide(table, pairs(0.75, 0.8, 0.9), 0.31, 0.02, "training")
    steps = list_next_steps(found, table)
    assert steps[0] == "Raise cnn.epochs and tuned.epochs in params.yaml and run 'dvc repro'."
    assert steps[1].startswith("When the settings are final, set evaluation.split to test")
    assert steps[-1] == (
        "Classify images with the model to take home: python -m stages.predict photo.jpg"
    )
    table = comparison(cnn=0.75, frozen=0.8, tuned=0.9)
    found = decide(table, pairs(0.75, 0.8, 0.9), 0.31, 0.02, "training")
    steps = list_next_steps(found, table)
    assert steps[0] == (
        "Before you publish that it is better, tune its rivals as well: tuning.trials: 12 in "
        "params.yaml. What one recipe is behind another may make up for."
    )
    assert len(steps) == 3
    # They were.
    assert list_next_steps(found, table, trials=12) == steps[1:]
    undecided = decide(table, pairs(0.75, 0.8, 0.9, 0.1), 0.31, 0.02, "training")
    assert len(list_next_steps(undecided, table)) == 2


def test_a_difference_is_stated_with_its_interval_the_better_one_first():
    said = "b is better than a, by 3.2 points (0.8 to 5.6; p = 0.0041)."
    assert describe_difference(pair("b", "a", 0.032, 0.01), 0.02) == said
    assert describe_difference(pair("a", "b", -0.032, 0.01), 0.02) == said


def test_a_difference_that_cannot_be_told_says_if_it_is_small():
    assert describe_difference(pair("b", "a", 0.01, 0.01), 0.02) == (
        "Which of b and a is better cannot be told: 1.0 points (-1.4 to 3.4; p = 0.95)."
    )
    assert describe_difference(pair("b", "a", 0.001, 0.001), 0.02).endswith(
        "): less than 2 points, whichever it is."
    )


def test_what_would_decide_is_said_where_nothing_is_decided():
    table = comparison(cnn=0.80, frozen=0.88, tuned=0.90)
    folds = {"folds": 5, "comes_divided": False}
    undecided = decide(table, pairs(0.80, 0.88, 0.90, 0.02), 0.31, 0.02, "training")
    assert describe_forecast(undecided, table, folds) == [
        "About 7,900 images would probably tell whether tuned is more than 2 points better than "
        "frozen, were the two equal."
    ]
    by_luck = decide(table, pairs(0.80, 0.88, 0.90, 0.02, by_runs=0.9), 0.31, 0.02, "training")
    assert describe_forecast(by_luck, table, folds)[0].endswith(
        " data.repeats: 2 narrows the interval."
    )
    twice = table.assign(repeats=2)
    assert describe_forecast(by_luck, twice, folds)[0].endswith(
        " data.repeats: 3 narrows the interval."
    )
    once = folds | {"folds": 1}
    # Of all images these are a part.
    [told] = describe_forecast(undecided, table, once)
    assert told.startswith("About 7,900 test images would probably tell")
    [told] = describe_forecast(undecided, table.assign(split="val"), once)
    assert told.startswith("About 7,900 val images would probably tell")
    # By folds they are a part as well.
    [told] = describe_forecast(undecided, table.assign(split="val"), folds)
    assert told.startswith("About 7,900 val images would probably tell")
    assert describe_forecast(by_luck, table, once)[0].endswith(
        " data.folds: 5 narrows the interval."
    )
    given = once | {"comes_divided": True}
    assert describe_forecast(by_luck, table, given)[0].endswith("dissolve narrows the interval.")
    # Enough images, were the two equal, and two points are just not told.
    near = decide(table, pairs(0.80, 0.88, 0.893, 0.007), 0.31, 0.02, "training")
    assert describe_forecast(near, table, folds) == [
        "Were tuned and frozen equally good, 1,000 images would probably tell so; these did not. "
        "data.repeats: 2 narrows the interval."
    ]
    # Of val the first division alone is judged.
    assert describe_forecast(near, table.assign(split="val"), folds) == []
    assert describe_forecast(by_luck, table.assign(split="val"), folds) == []
    decided = decide(table, pairs(0.80, 0.88, 0.90, 0.001), 0.31, 0.02, "training")
    assert describe_forecast(decided, table, folds) == []


@pytest.mark.parametrize(("count", "rounded"), [(783, 790), (1201, 1300), (9.1, 10), (55, 55)])
def test_forecasts_are_rounded_up_to_two_digits(count, rounded):
    assert round_up(count) == rounded


def test_where_the_choice_is_as_good_it_is_said_how_far_ahead_another_may_be():
    table = comparison(cnn=0.80, frozen=0.895, tuned=0.90)
    found = decide(table, pairs(0.80, 0.895, 0.90, 0.005), 0.31, 0.02, "training")
    assert found.answer == Answer.AS_GOOD
    # Half a point, and 1.96 standard errors: 5 % shared between two rivals.
    assert describe_lead(found) == [
        "tuned is at most 1.5 points ahead of frozen (at 97.5 %, one-sided): less than 2 points."
    ]
    # Which is better cannot be told of the two, and so it is not said that none is better.
    behind = decide(table, pairs(0.80, 0.895, 0.886, 0.004), 0.31, 0.02, "training")
    assert describe_lead(behind) == [
        "tuned is at most 0.0 points ahead of frozen (at 97.5 %, one-sided): less than 2 points."
    ]
    undecided = decide(table, pairs(0.80, 0.895, 0.90, 0.02), 0.31, 0.02, "training")
    assert describe_lead(undecided) == []


def test_one_that_learnt_alone_is_not_said_to_be_as_good_as_those_that_did_not():
    # The intervals of the others reach down to chance, though their accuracies are higher.
    table = comparison(cnn=0.35, frozen=0.34, tuned=0.36)
    table.loc[table["scenario"] == "frozen", "accuracy_low"] = 0.335
    found = decide(table, pairs(0.35, 0.34, 0.36, 0.03), 0.33, 0.02, "training")
    assert (found.learnt, found.answer) == (["frozen"], Answer.UNDECIDED)
    assert word_decision(found, table, CHANCE) == (
        "Use frozen: 34.0 % of the test images right. Whether cnn (35.0 %) or tuned (36.0 %) is "
        "more than 2 points better cannot be told, and frozen is the cheapest to train, with 10 "
        "parameters."
    )
    assert describe_lead(found) == []


def test_only_what_is_shown_to_be_better_is_said_to_be():
    table = comparison(cnn=0.900, frozen=0.89, tuned=0.901)
    # Of the two that are ahead, one is told apart from the choice.
    differences = [
        pair("frozen", "cnn", -0.010, 0.003),
        pair("tuned", "cnn", 0.001, 0.008),
        pair("tuned", "frozen", 0.009, 0.005),
    ]
    found = decide(table, differences, 0.31, 0.02, "training")
    assert found.answer == Answer.CLOSE
    told = word_decision(found, table, CHANCE)
    assert "With these recipes cnn (90.0 %) is better, but by less than 2 points" in told


def test_what_costs_the_same_is_not_called_cheaper_and_the_better_one_is_taken():
    table = comparison(cnn=0.80, frozen=0.895, tuned=0.90).assign(multiply_adds=[90e6, 40e6, 40e6])
    found = decide(table, pairs(0.80, 0.895, 0.90), 0.31, 0.02, "running")
    assert word_decision(found, table, CHANCE) == (
        "Use tuned: 90.0 % of the test images right, the highest, and as cheap to run as any, with "
        "40 million multiplications an image; no other is more than 2 points better."
    )


def test_the_cheapest_is_that_of_those_which_are_not_ruled_out():
    # The head trains the fewest parameters, and is beaten; of the others neither is.
    table = comparison(cnn=0.90, frozen=0.80, tuned=0.905)
    found = decide(table, pairs(0.90, 0.80, 0.905, 0.01), 0.31, 0.02, "training")
    assert " to train of those that are not ruled out, with " in word_decision(found, table, CHANCE)


def test_one_that_is_as_accurate_is_not_held_up_against_the_choice():
    table = comparison(cnn=0.90, frozen=0.90, tuned=0.89)
    found = decide(table, pairs(0.90, 0.90, 0.89), 0.31, 0.02, "training")
    assert (found.best, found.choice, found.answer) == ("cnn", "frozen", Answer.AS_GOOD)
    assert word_decision(found, table, CHANCE) == (
        "Use frozen: 90.0 % of the test images right, the highest, and the cheapest to train, with "
        "10 parameters; no other is more than 2 points better."
    )


def test_a_rival_that_learnt_nothing_yet_is_named_too():
    told = word(0.30, 0.87, 0.895, unfinished=("cnn",))
    assert told.endswith("; cnn (1 of 5 runs) had not stopped improving.")
