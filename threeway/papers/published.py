"""A paper's published figures beside those that its preset gives here."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.papers.paper import METRICS, Accuracy, Figure, Paper, ScoreTable, read_figure
from threeway.splits import SPLITS


@dataclass(frozen=True)
class Results:
    """What the runs here gave.

    Attributes:
        comparison: one row a scenario, as compare_scenarios makes it.
        classes: one row a scenario and class, as tabulate_classes makes it.
        val: predictions of the validation split, by scenario.
        test: predictions of the test split, by scenario.
    """

    comparison: pd.DataFrame
    classes: pd.DataFrame
    val: dict[str, Predictions]
    test: dict[str, Predictions]


@dataclass(frozen=True)
class Beside:
    """A published figure and ours; shares.

    Attributes:
        scenario: which of ours the paper's model is.
        figure: what is measured, and on which of our splits.
        class_name: whose figure it is, or "" for all classes together.
        where: in the paper.
        published: as printed.
        reproduced: mean over passes; of train over runs.
        low, high: the interval of ours; NaN where there is none.
        published_lies: "inside", "above" or "below" our interval, "" where there is none.
    """

    scenario: str
    figure: str
    class_name: str
    where: str
    published: str
    reproduced: float
    low: float = float("nan")
    high: float = float("nan")
    published_lies: str = ""


def set_beside(paper: Paper | None, ours: Results) -> pd.DataFrame:
    """Sets each published figure of a known model beside ours: one row a figure, as Beside.

    Args:
        paper: the record, or None for an empty table.
        ours: what the runs here gave.
    """
    rows: list[Beside] = []
    if paper is not None:
        for accuracy in paper.accuracies:
            if accuracy.of in paper.models:
                rows.append(place_accuracy(paper.models[accuracy.of], accuracy, ours))
        for table in paper.scores:
            if table.of in paper.models:
                rows += place_scores(paper.models[table.of], table, ours)
    return pd.DataFrame(rows, columns=list(Beside.__dataclass_fields__))


def place_accuracy(scenario: str, accuracy: Accuracy, ours: Results) -> Beside:
    """Sets a published accuracy beside ours on the split that answers to its own.

    A split that the paper does not name is taken for test, as its readers take it.
    """
    split = accuracy.beside or accuracy.split
    split = split if split in SPLITS else "test"
    about = (scenario, f"{split} accuracy", "", f"{accuracy.where}, {accuracy.split}")
    if split == "train":
        row = ours.comparison.set_index("scenario").loc[scenario]
        return Beside(*about, accuracy.value, float(row["train_accuracy"]))
    predictions = {"val": ours.val, "test": ours.test}[split][scenario]
    return estimate(about, accuracy.value, predictions)


def estimate(
    about: tuple[str, ...],
    published: Figure,
    answers: Predictions,
    chosen: np.ndarray | None = None,
) -> Beside:
    """Estimates ours, and says on which side of its interval the published figure is.

    Args:
        about: what is published.
        published: the figure.
        answers: ours.
        chosen: (images,) bool: those that count. All without it.
    """
    found, low, high = estimate_accuracy(answers, chosen)
    value, half = map(float, read_figure(published))
    lies = "below" if value + half < low else "above" if value - half > high else "inside"
    return Beside(*about, published, found.mean, low, high, lies)


def place_scores(scenario: str, table: ScoreTable, ours: Results) -> Iterator[Beside]:
    """Sets published precision, recall and F1 beside ours on the test split.

    A class's recall is an accuracy on its images, and has an accuracy's interval.
    """
    row = ours.comparison.set_index("scenario").loc[scenario]
    for average in ("macro", "weighted"):
        for metric in METRICS:
            figure = getattr(getattr(table, average), metric)
            if figure is not None:
                name = f"{average} {metric}"
                yield Beside(
                    scenario, name, "", table.where, figure, float(row[f"{average}_{metric}"])
                )
    by_class = ours.classes[ours.classes["scenario"] == scenario].set_index("class")
    test = ours.test[scenario]
    for class_name, scores in table.classes.items():
        if class_name not in by_class.index:
            continue
        of_class = test.actual == test.classes.index(class_name)
        for metric in METRICS:
            figure = getattr(scores, metric)
            about = (scenario, metric, class_name, table.where)
            if figure is not None and metric == "recall":
                yield estimate(about, figure, test, of_class)
            elif figure is not None:
                yield Beside(*about, figure, float(by_class.loc[class_name, metric]))
