"""Wrong labels come first among what networks that had not seen them call otherwise."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import minmax_scale

from tests.answers import make_predictions
from threeway.evidence.suspects import find_suspects


def test_suspects_are_those_of_the_mean_over_passes_the_least_likely_label_first():
    probabilities = np.array(
        [
            [[0.9, 0.1, 0.0], [0.4, 0.6, 0.0], [0.2, 0.1, 0.7], [0.3, 0.3, 0.4]],
            [[0.9, 0.1, 0.0], [0.4, 0.6, 0.0], [0.6, 0.3, 0.1], [0.3, 0.3, 0.4]],
        ]
    )
    images = np.array(["right.png", "wrong.png", "surer.png", "more.png"], dtype=object)
    actual = np.array([0, 0, 1, 0])
    found = find_suspects(make_predictions(["a", "b", "c"], actual, probabilities, images=images))
    assert found["image"].tolist() == ["surer.png", "more.png", "wrong.png"]
    assert found["given"].tolist() == ["b", "a", "a"]
    # Of equal ones the first class wins.
    assert found["likely"].tolist() == ["a", "c", "b"]
    np.testing.assert_allclose(found["score"], [0.2, 0.3, 0.4])
    np.testing.assert_allclose(found["confidence"], [0.4, 0.4, 0.6])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_errors_are_found_first(seed):
    """Of 89 labels that were made wrong 77 to 80 are among the first 89 suspects."""
    digits, rng = load_digits(), np.random.default_rng(seed)
    planted = rng.choice(len(digits.target), len(digits.target) // 20, replace=False)
    labels = digits.target.copy()
    labels[planted] = (labels[planted] + rng.integers(1, 10, len(planted))) % 10
    head = LogisticRegression(C=0.05, max_iter=300)
    answers = cross_val_predict(
        head, minmax_scale(digits.data), labels, cv=5, method="predict_proba"
    )
    names = [str(digit) for digit in range(10)]
    found = find_suspects(make_predictions(names, labels, answers[None]))
    first = found["image"][: len(planted)].astype(int)
    assert np.isin(first, planted).mean() >= 0.85
    # What they are taken for is what they are.
    rows = found[: len(planted)][np.isin(first, planted)]
    right = digits.target[rows["image"].astype(int)].astype(str)
    assert (rows["likely"].to_numpy() == right).mean() >= 0.9


def test_without_mistakes_there_are_none():
    assert find_suspects(make_predictions(["a", "b"], [0, 1], np.eye(2)[None])).empty


def test_labels_as_likely_stay_in_the_order_of_their_paths():
    probabilities = np.array([[[0.3, 0.7], [0.2, 0.8], [0.3, 0.7], [0.3, 0.7]]])
    images = np.array(["a.png", "b.png", "c.png", "d.png"], dtype=object)
    answers = make_predictions(["a", "b"], np.zeros(4, int), probabilities, images=images)
    assert find_suspects(answers)["image"].tolist() == ["b.png", "a.png", "c.png", "d.png"]
