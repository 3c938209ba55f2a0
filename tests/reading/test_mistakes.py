"""The surest mistakes of the scenario that the headline recommends."""

import numpy as np

from threeway.predictions import Predictions
from threeway.reading.mistakes import find_mistakes, name_choice

SCENARIOS = {"baseline_cnn": {"accuracy": 0.8}, "fine_tuning": {"accuracy": 0.9}}


def test_the_choice_of_the_headline_is_meant_not_the_most_accurate():
    evidence = {"scenarios": SCENARIOS, "verdict": {"choice": "baseline_cnn"}}
    assert name_choice(evidence) == "baseline_cnn"


def test_without_a_choice_the_most_accurate_is_meant():
    assert name_choice({"scenarios": SCENARIOS, "verdict": {}}) == "fine_tuning"
    assert name_choice({"scenarios": SCENARIOS, "verdict": {"choice": None}}) == "fine_tuning"


def test_mistakes_are_those_of_the_mean_over_seeds_surest_first():
    probabilities = np.array(
        [
            [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]],
            [[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]],
        ]
    )
    images = np.array(["right.png", "wrong.png", "surer.png"], dtype=object)
    actual = np.array([0, 0, 1])
    found = find_mistakes(Predictions(["a", "b"], np.array([1, 2]), images, actual, probabilities))
    assert found["image"].tolist() == ["wrong.png", "surer.png"]
    assert found["actual"].tolist() == ["a", "b"]
    assert found["predicted"].tolist() == ["b", "a"]
    np.testing.assert_allclose(found["confidence"], [0.6, 0.55])
    only = find_mistakes(
        Predictions(["a", "b"], np.array([1, 2]), images, actual, probabilities), most=1
    )
    assert only["image"].tolist() == ["wrong.png"]
