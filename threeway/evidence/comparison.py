"""From tracked predictions and records to the comparison's figures. No TensorFlow, no pixels."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, precision_recall_fscore_support, top_k_accuracy_score

from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import (
    ACCURACY_RANGE,
    Scores,
    estimate_accuracy,
    estimate_macro_f1,
    estimate_share,
    score_answers,
    take_images,
)
from threeway.predictions import normalise
from threeway.run import Run, find_runs

# What DVCLive calls a curve, and what this project does.
SPLIT_OF_RECORD = {"train": "train", "eval": "val"}
NUM_CONFIDENCE_BINS = 15
# Pairs of classes that are listed as most often taken for each other.
MOST_CONFUSED = 10
# What a scenario's network costs that is the same at every run.
FIXED_COSTS = (
    "parameters", "trainable_parameters", "multiply_adds", "weight_bytes", "networks",
)  # fmt: skip


def compare_scenarios(
    judged: dict[str, Predictions],
    split: str,
    records: dict[str, dict[Run, dict]],
    costs: dict[str, dict],
) -> pd.DataFrame:
    """Makes the comparison: one row a scenario.

    Args:
        judged: predictions of the split that scenarios are judged by, by scenario.
        split: which that is, "test" or "val".
        records: what DVCLive holds of each run, by scenario and run.
        costs: of each scenario's network.
    """
    rows = [
        {"scenario": scenario, "split": split}
        | summarise_runs(list(records[scenario].values()))
        | summarise_answers(judged[scenario])
        | {key: costs[scenario][key] for key in FIXED_COSTS}
        for scenario in judged
    ]
    return pd.DataFrame(rows)


def list_results(judged: dict[str, Predictions], records: dict[str, dict[Run, dict]]) -> list[dict]:
    """Lists the single runs: accuracies and epochs of each scenario, fold and seed.

    Args:
        judged: predictions of the split that scenarios are judged by, by scenario.
        records: what DVCLive holds of each run, by scenario and run.
    """
    return [
        {"scenario": scenario, "fold": run.fold, "seed": run.seed}
        | {key: record["final"][key] for key in ("train_accuracy", "val_accuracy")}
        | {"accuracy": score_run(answers, run), "epochs": record["step"] + 1}
        | {"best_epoch": record["final"]["best_epoch"]}
        for scenario, answers in judged.items()
        for run, record in records[scenario].items()
    ]


def list_processors(costs: dict[str, dict]) -> list[str]:
    """Lists the processors that trained the runs, each once.

    Args:
        costs: content of metrics/cost.json.
    """
    return sorted({name for cost in costs.values() for name in cost.get("processors", [])})


def score_run(answers: Predictions, run: Run) -> float | None:
    """Computes the accuracy of one run; None where it is not judged."""
    own = (answers.folds == run.fold) & (answers.seeds == run.seed)[:, None]
    return float(answers.correct[own].mean()) if own.any() else None


def measure_chance(answers: Predictions) -> dict[str, float | str]:
    """Measures what can be had without looking at an image: by guessing, and by always naming the
    class that has the most images. Shares of the judged images.
    """
    counts = np.bincount(answers.actual, minlength=len(answers.classes))
    return {
        "uniform": 1 / len(answers.classes),
        "majority": float(counts.max() / counts.sum()),
        "majority_class": answers.classes[int(counts.argmax())],
    }


def to_records(comparison: pd.DataFrame) -> dict[str, dict]:
    """Turns the comparison into a record a scenario; NaN, which is no JSON, into None."""
    records = comparison.set_index("scenario").to_dict("index")
    return {
        name: {key: None if pd.isna(value) else value for key, value in row.items()}
        for name, row in records.items()
    }


def pick_metrics(comparison: pd.DataFrame, digest: str) -> dict[str, float | str]:
    """Picks what `dvc metrics` and `dvc exp show` print: little, so that it stays readable.

    Args:
        comparison: one row a scenario.
        digest: of the images; where it differs, accuracies are of other images.
    """
    accuracies = dict(zip(comparison["scenario"], comparison["accuracy"], strict=True))
    return {"split": comparison["split"].iloc[0], "images": digest[:12]} | accuracies


def summarise_runs(records: list[dict]) -> dict[str, float]:
    """Averages what the runs say of themselves; epochs are counted from 1.

    A run is unfinished if its best epoch was its last: early stopping would have waited.
    """
    finals = [record["final"] for record in records]
    epochs = [record["step"] + 1 for record in records]
    best = [final["best_epoch"] for final in finals]
    return {
        "runs": len(records),
        "train_accuracy": mean([final["train_accuracy"] for final in finals]),
        "val_accuracy": mean([final["val_accuracy"] for final in finals]),
        "val_loss": mean([final["val_loss"] for final in finals]),
        "epochs": mean(epochs),
        "best_epoch": mean(best),
        "unfinished_runs": sum(a == b for a, b in zip(epochs, best, strict=True)),
    }


def summarise_answers(answers: Predictions) -> dict[str, float]:
    """Computes the figures of the judged split: means over passes, and the sd between networks."""
    estimate, low, high = estimate_accuracy(answers)
    _, f1_low, f1_high = estimate_macro_f1(answers)
    scores = [score_pass(answers, number) for number in range(len(answers.seeds))]
    return {
        "images": len(answers.images),
        "groups": len(np.unique(answers.groups)),
        "folds": answers.num_folds,
        "repeats": answers.num_repeats,
        "seeds": len(np.unique(answers.seeds)),
        "accuracy": estimate.mean,
        "accuracy_sd": estimate.run_sd,
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1_low": f1_low,
        "macro_f1_high": f1_high,
    } | {name: mean([score[name] for score in scores]) for name in scores[0]}


def mean(values: list[float]) -> float:
    return float(np.mean(values))


def score_pass(answers: Predictions, number: int) -> dict[str, float]:
    """Computes one pass's precision, recall and F1 (macro, weighted), top 2, loss, calibration."""
    labels = np.arange(len(answers.classes))
    figures = {}
    for average in ("macro", "weighted"):
        scores = precision_recall_fscore_support(
            answers.actual,
            answers.predicted[number],
            labels=labels,
            average=average,
            zero_division=0,
        )
        for name, value in zip(("precision", "recall", "f1"), scores, strict=False):
            figures[f"{average}_{name}"] = float(value)
    probabilities = normalise(answers.probabilities[number])
    figures["top_2_accuracy"] = score_top_2(answers.actual, probabilities)
    figures["log_loss"] = float(log_loss(answers.actual, probabilities, labels=labels))
    figures["calibration_error"] = measure_calibration(
        answers.correct[number], probabilities.max(axis=1)
    )
    return figures


def score_top_2(actual: np.ndarray, probabilities: np.ndarray) -> float:
    """Computes how often the actual class is among the two most probable."""
    num_classes = probabilities.shape[1]
    if num_classes <= 2:
        return 1.0
    return float(top_k_accuracy_score(actual, probabilities, k=2, labels=np.arange(num_classes)))


def bin_confidence(correct: np.ndarray, confidence: np.ndarray) -> pd.DataFrame:
    """Bins answers by how sure the network was: columns images, accuracy, confidence (means).

    Args:
        correct: (answers,) bool.
        confidence: (answers,), the winner's probability.
    """
    bins = bin_number(confidence)
    answers = pd.DataFrame({"bin": bins, "accuracy": correct, "confidence": confidence})
    binned = answers.groupby("bin")
    return binned[["accuracy", "confidence"]].mean().assign(images=binned.size()).reset_index()


def bin_number(confidence: np.ndarray) -> np.ndarray:
    """Numbers the bin of each answer from 0, by the winner's probability: (answers,) int."""
    return np.clip(np.ceil(confidence * NUM_CONFIDENCE_BINS).astype(int) - 1, 0, None)


def measure_calibration(correct: np.ndarray, confidence: np.ndarray) -> float:
    """Computes the expected calibration error: how far confidence is from accuracy, on average.

    Source: Guo et al., "On calibration of modern neural networks", 2017; 15 bins as there.
    """
    binned = bin_confidence(correct, confidence)
    gaps = (binned["accuracy"] - binned["confidence"]).abs()
    return float(np.average(gaps, weights=binned["images"]))


def tabulate_reliability(judged: dict[str, Predictions]) -> pd.DataFrame:
    """Bins all answers by confidence: scenario, bin, accuracy, confidence, images."""
    tables = []
    for scenario, predictions in judged.items():
        confidence = normalise(predictions.probabilities).max(axis=2)
        binned = bin_confidence(predictions.correct.ravel(), confidence.ravel())
        tables.append(binned.assign(scenario=scenario))
    return pd.concat(tables, ignore_index=True)


def tabulate_classes(judged: dict[str, Predictions]) -> pd.DataFrame:
    """Tabulates each class: scenario, class, precision, recall with its interval, f1, support.

    Means over passes; a class's recall is an accuracy on its images, and has such an interval.
    """
    tables = []
    for scenario, predictions in judged.items():
        labels = np.arange(len(predictions.classes))
        scores = [
            precision_recall_fscore_support(
                predictions.actual, predicted, labels=labels, zero_division=0
            )
            for predicted in predictions.predicted
        ]
        precision, recall, f1, support = np.mean(scores, axis=0)
        answers = score_answers(predictions.correct, predictions, ACCURACY_RANGE)
        intervals = [estimate_recall(answers, predictions.actual == label) for label in labels]
        figures = {
            "precision": precision,
            "recall": recall,
            "recall_low": [low for low, _ in intervals],
            "recall_high": [high for _, high in intervals],
            "f1": f1,
            "support": support.astype(int),
        }
        table = pd.DataFrame({"scenario": scenario, "class": predictions.classes} | figures)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def estimate_recall(answers: Scores, chosen: np.ndarray) -> tuple[float, float]:
    """Estimates the interval of a recall: (low, high); NaN for a class without images.

    Args:
        answers: of a scenario, to all images.
        chosen: (images,) bool, the class's images.
    """
    if not chosen.any():
        return float("nan"), float("nan")
    return estimate_share(take_images(answers, chosen))[1:]


def tabulate_confusion(judged: dict[str, Predictions]) -> pd.DataFrame:
    """Tabulates how each class was called: scenario, actual, predicted, images, share.

    Images are the mean over passes; shares are of the actual class's judged images.
    """
    tables = []
    for scenario, predictions in judged.items():
        size = len(predictions.classes)
        cells = predictions.actual * size + predictions.predicted
        counts = np.bincount(cells.ravel(), minlength=size**2).reshape(size, size)
        images = counts / len(predictions.seeds)
        support = images.sum(axis=1, keepdims=True)
        share = np.divide(images, support, where=support > 0, out=np.zeros_like(images))
        actual, predicted = np.divmod(np.arange(size**2), size)
        names = np.asarray(predictions.classes, dtype=object)
        about = {"scenario": scenario, "actual": names[actual], "predicted": names[predicted]}
        tables.append(pd.DataFrame(about | {"images": images.ravel(), "share": share.ravel()}))
    return pd.concat(tables, ignore_index=True)


def rank_confusions(confusion: pd.DataFrame) -> pd.DataFrame:
    """Ranks the pairs of classes most often taken for each other, all scenarios together.

    Returns:
        Columns actual, predicted, and for each scenario the mean number of images.
    """
    wrong = confusion[confusion["actual"] != confusion["predicted"]]
    table = wrong.pivot_table(
        index=["actual", "predicted"], columns="scenario", values="images", sort=False
    )
    table = table[table.sum(axis=1) > 0]
    # A stable sort: pairs equally often confused stay in the order of the classes.
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return table.loc[order[:MOST_CONFUSED]].reset_index().rename_axis(columns=None)


def read_records(folder: Path) -> dict[Run, dict]:
    """Reads DVCLive's metrics.json of each of a scenario's runs, by run."""
    return {
        Run.of(run): json.loads((run / "metrics.json").read_text()) for run in find_runs(folder)
    }


def read_curves(folders: dict[str, Path]) -> pd.DataFrame:
    """Reads all learning curves: scenario, fold, seed, epoch (from 1), split, quantity,
    value.
    """
    curves = []
    for scenario, folder in folders.items():
        for run in find_runs(folder):
            for record, split in SPLIT_OF_RECORD.items():
                for quantity in ("accuracy", "loss"):
                    path = run / "plots" / "metrics" / record / f"{quantity}.tsv"
                    curve = pd.read_csv(path, sep="\t")
                    about = {
                        "scenario": scenario,
                        "fold": Run.of(run).fold,
                        "seed": Run.of(run).seed,
                    }
                    about |= {"epoch": curve["step"] + 1, "split": split, "quantity": quantity}
                    curves.append(pd.DataFrame(about | {"value": curve[quantity]}))
    return pd.concat(curves, ignore_index=True)
