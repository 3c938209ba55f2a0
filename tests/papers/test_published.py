"""Published figures stand beside those of the same split and scenario, and on the right side."""

import numpy as np
import pandas as pd
import pytest

from tests.answers import make_predictions
from threeway.evidence.answers import Predictions
from threeway.evidence.comparison import tabulate_classes
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.papers.paper import Paper
from threeway.papers.published import Results, set_beside

CLASSES = ["cat", "dog"]


def predictions(right: int, images: int = 100) -> Predictions:
    """Two seeds that get the same first `right` of a hundred images right, half of each class."""
    actual = np.arange(images) % 2
    called = np.where(np.arange(images) < right, actual, 1 - actual)
    probabilities = np.broadcast_to(np.eye(2)[called], (2, images, 2))
    return make_predictions(CLASSES, actual, probabilities)


def results() -> Results:
    test = {"feature_extraction": predictions(90)}
    comparison = pd.DataFrame(
        [{"scenario": "feature_extraction", "train_accuracy": 0.99, "macro_f1": 0.9}]
    )
    val = {"feature_extraction": predictions(80)}
    return Results(comparison, tabulate_classes(test), val, test)


def beside(**record) -> pd.DataFrame:
    about = {"citation": "Someone, 2026", "task": "pets", "models": {"net": "feature_extraction"}}
    return set_beside(Paper.model_validate(about | record), results())


def accuracy(value: str, split: str = "test", **more) -> dict:
    return {"of": "net", "split": split, "value": value, "where": "Table 1"} | more


@pytest.mark.parametrize(
    ("value", "lies"),
    [("90.0 %", "inside"), ("0.99", "above"), ("50 %", "below"), ("0.93", "inside")],
)
def test_a_published_accuracy_lies_inside_above_or_below_our_interval(value, lies):
    (row,) = beside(accuracies=[accuracy(value)]).itertuples()
    found, low, high = estimate_accuracy(predictions(90))
    assert (row.reproduced, row.low, row.high) == (found.mean, low, high)
    assert (row.published, row.published_lies) == (value, lies)


def test_rounding_counts_for_the_paper():
    _, _, high = estimate_accuracy(predictions(90))
    assert 0.94 < high < 0.95
    (row,) = beside(accuracies=[accuracy(f"{high + 0.004:.4f}")]).itertuples()
    assert row.published_lies == "above"
    (row,) = beside(accuracies=[accuracy(f"{round(high + 0.004, 2)}")]).itertuples()
    assert row.published_lies == "inside"


def test_each_split_stands_beside_its_own():
    rows = beside(
        accuracies=[
            accuracy("0.9", "train"),
            accuracy("0.9", "val"),
            accuracy("0.9", "val", beside="test"),
            accuracy("0.9", "comparison"),
        ]
    )
    assert list(rows["figure"]) == [
        "train accuracy", "val accuracy", "test accuracy", "test accuracy",
    ]  # fmt: skip
    assert list(rows["reproduced"]) == [0.99, 0.8, 0.9, 0.9]
    assert list(rows["where"].str.split(", ").str[1]) == ["train", "val", "val", "comparison"]
    assert rows["low"].isna().tolist() == [True, False, False, False]


def test_scores_of_known_classes_stand_beside_ours():
    scores = {
        "where": "Table 2",
        "of": "net",
        "classes": {"cat": {"recall": "0.96", "f1": "0.9"}, "bird": {"recall": "0.5"}},
        "macro": {"f1": "0.91"},
    }
    rows = beside(classes=["cat", "bird"], scores=[scores])
    found = rows[["class_name", "figure", "reproduced"]].to_numpy().tolist()
    assert found == [["", "macro f1", 0.9], ["cat", "recall", 0.9], ["cat", "f1", 0.9]]
    recall = rows[rows["figure"] == "recall"].iloc[0]
    cats = np.arange(100) % 2 == 0
    assert (recall["low"], recall["high"]) == estimate_accuracy(predictions(90), cats)[1:]


def test_a_model_that_is_none_of_ours_and_no_paper_at_all_give_no_row():
    assert beside(accuracies=[accuracy("0.9") | {"of": "ResNet"}]).empty
    nothing = set_beside(None, results())
    assert list(nothing.columns)[:3] == ["scenario", "figure", "class_name"]
    assert nothing.empty
