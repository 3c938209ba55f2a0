"""From tracked predictions and records to the comparison table. No TensorFlow, no pixels."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, precision_recall_fscore_support

from threeway.intervals import estimate_accuracy
from threeway.predictions import Predictions, normalise

# What DVCLive calls a curve, and what this project does.
SPLIT_OF_RECORD = {"train": "train", "eval": "val"}


def compare_scenarios(
    test: dict[str, Predictions], finals: dict[str, list[dict]], costs: dict[str, dict]
) -> pd.DataFrame:
    """Makes the comparison: one row a scenario.

    Args:
        test: predictions of the test split, by scenario.
        finals: the final figures of each run, by scenario.
        costs: parameters and multiply-adds, by scenario.
    """
    rows = [
        {"scenario": scenario}
        | summarise_runs(finals[scenario])
        | summarise_test(test[scenario])
        | {
            key: costs[scenario][key]
            for key in ("parameters", "trainable_parameters", "multiply_adds")
        }
        for scenario in test
    ]
    return pd.DataFrame(rows)


def summarise_runs(finals: list[dict]) -> dict[str, float]:
    """Averages what the runs say of themselves: accuracy on train and val, and the epoch kept."""
    return {
        "seeds": len(finals),
        "train_accuracy": float(np.mean([final["train_accuracy"] for final in finals])),
        "val_accuracy": float(np.mean([final["val_accuracy"] for final in finals])),
        "best_epoch": float(np.mean([final["best_epoch"] for final in finals])),
    }


def summarise_test(test: Predictions) -> dict[str, float]:
    """Computes the figures of the test split; means over seeds, sd between seeds (n - 1)."""
    by_seed = test.correct.mean(axis=1)
    accuracy, low, high = estimate_accuracy(test.correct)
    scores = [score_seed(test, run) for run in range(len(test.seeds))]
    return {
        "test_images": len(test.images),
        "test_accuracy": accuracy,
        "test_accuracy_sd": float(by_seed.std(ddof=1)) if len(by_seed) > 1 else float("nan"),
        "test_accuracy_low": low,
        "test_accuracy_high": high,
    } | {name: float(np.mean([score[name] for score in scores])) for name in scores[0]}


def score_seed(test: Predictions, run: int) -> dict[str, float]:
    """Computes precision, recall, F1 (macro and weighted) and log loss of one seed."""
    labels = np.arange(len(test.classes))
    figures = {}
    for average in ("macro", "weighted"):
        scores = precision_recall_fscore_support(
            test.actual, test.predicted[run], labels=labels, average=average, zero_division=0
        )
        for name, value in zip(("precision", "recall", "f1"), scores, strict=False):
            figures[f"{average}_{name}"] = float(value)
    loss = log_loss(test.actual, normalise(test.probabilities[run]), labels=labels)
    return figures | {"log_loss": float(loss)}


def tabulate_confusion(test: dict[str, Predictions]) -> pd.DataFrame:
    """Tabulates how each class was called: scenario, actual, predicted, images, share.

    Images are the mean over seeds; shares are of the actual class's test images.
    """
    tables = []
    for scenario, predictions in test.items():
        size = len(predictions.classes)
        cells = predictions.actual * size + predictions.predicted
        counts = np.bincount(cells.ravel(), minlength=size**2).reshape(size, size)
        images = counts / len(predictions.seeds)
        support = images.sum(axis=1, keepdims=True)
        actual, predicted = np.divmod(np.arange(size**2), size)
        names = np.asarray(predictions.classes, dtype=object)
        tables.append(
            pd.DataFrame(
                {
                    "scenario": scenario,
                    "actual": names[actual],
                    "predicted": names[predicted],
                    "images": images.ravel(),
                    "share": np.divide(
                        images, support, where=support > 0, out=np.zeros_like(images)
                    ).ravel(),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def read_finals(folder: Path) -> list[dict]:
    """Reads the final figures of a scenario's runs, from DVCLive's metrics.json of each."""
    return [json.loads((run / "metrics.json").read_text())["final"] for run in list_runs(folder)]


def read_curves(folders: dict[str, Path]) -> pd.DataFrame:
    """Reads all learning curves: scenario, seed, epoch (from 1), split, quantity, value."""
    curves = []
    for scenario, folder in folders.items():
        for run in list_runs(folder):
            for record, split in SPLIT_OF_RECORD.items():
                for quantity in ("accuracy", "loss"):
                    path = run / "plots" / "metrics" / record / f"{quantity}.tsv"
                    curve = pd.read_csv(path, sep="\t")
                    curves.append(
                        pd.DataFrame(
                            {
                                "scenario": scenario,
                                "seed": int(run.name.removeprefix("seed-")),
                                "epoch": curve["step"] + 1,
                                "split": split,
                                "quantity": quantity,
                                "value": curve[quantity],
                            }
                        )
                    )
    return pd.concat(curves, ignore_index=True)


def list_runs(folder: Path) -> list[Path]:
    """Lists the folders of a scenario's runs, by seed."""
    return sorted(folder.glob("seed-*"), key=lambda run: int(run.name.removeprefix("seed-")))
