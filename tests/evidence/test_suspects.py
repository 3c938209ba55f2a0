"""The surest mistakes of a scenario."""

import numpy as np

from tests.answers import make_predictions
from threeway.reading.mistakes import find_mistakes


def test_mistakes_are_those_of_the_mean_over_passes_surest_first():
    probabilities = np.array(
        [
            [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]],
            [[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]],
        ]
    )
    images = np.array(["right.png", "wrong.png", "surer.png"], dtype=object)
    actual = np.array([0, 0, 1])
    found = find_mistakes(make_predictions(["a", "b"], actual, probabilities, images=images))
    assert found["image"].tolist() == ["wrong.png", "surer.png"]
    assert found["actual"].tolist() == ["a", "b"]
    assert found["predicted"].tolist() == ["b", "a"]
    np.testing.assert_allclose(found["confidence"], [0.6, 0.55])
    only = find_mistakes(make_predictions(["a", "b"], actual, probabilities, images=images), most=1)
    assert only["image"].tolist() == ["wrong.png"]
