"""Makes the comparison from tracked data: tables, curves and pictures, in seconds.

Reads metrics/<scenario>/ (predictions.csv and DVCLive records), metrics/cost.json and
metrics/data.json, all of them in git. Writes metrics/comparison.{json,csv,md}, metrics/summary/
(what `dvc metrics` shows), and under plots/ the CSVs and PNGs of learning curves, confusion and
accuracy.
"""

import json
from pathlib import Path

import pandas as pd

from threeway.comparison import compare_scenarios, read_curves, read_finals, tabulate_confusion
from threeway.errors import run_stage
from threeway.figures import draw_accuracies, draw_confusions, draw_learning_curves
from threeway.predictions import read_predictions
from threeway.tables import format_comparison

SCENARIOS = ("baseline_cnn", "feature_extraction", "fine_tuning")
# What `dvc metrics show` and `dvc metrics diff` print, a row a scenario.
SUMMARY = (
    "test_accuracy",
    "test_accuracy_low",
    "test_accuracy_high",
    "macro_f1",
    "val_accuracy",
    "train_accuracy",
)


def write_tables(comparison: pd.DataFrame, data: dict) -> None:
    metrics = Path("metrics")
    comparison.to_csv(metrics / "comparison.csv", index=False, lineterminator="\n")
    records = {row.pop("scenario"): row for row in comparison.to_dict("records")}
    # NaN is no JSON: what one seed cannot tell is null.
    records = {
        name: {key: None if pd.isna(value) else value for key, value in row.items()}
        for name, row in records.items()
    }
    (metrics / "comparison.json").write_text(json.dumps(records, indent=2) + "\n")
    (metrics / "comparison.md").write_text(format_comparison(comparison, data))
    (metrics / "summary").mkdir(exist_ok=True)
    for name, row in records.items():
        summary = {key: row[key] for key in SUMMARY}
        (metrics / "summary" / f"{name}.json").write_text(json.dumps(summary, indent=2) + "\n")


def main() -> None:
    folders = {scenario: Path("metrics", scenario) for scenario in SCENARIOS}
    test = {
        name: read_predictions(folder / "predictions.csv", "test")
        for name, folder in folders.items()
    }
    finals = {name: read_finals(folder) for name, folder in folders.items()}
    costs = json.loads(Path("metrics/cost.json").read_text())
    data = json.loads(Path("metrics/data.json").read_text())

    comparison = compare_scenarios(test, finals, costs)
    curves = read_curves(folders)
    confusion = tabulate_confusion(test)

    write_tables(comparison, data)
    plots = Path("plots")
    plots.mkdir(exist_ok=True)
    curves.to_csv(plots / "learning_curves.csv", index=False, lineterminator="\n")
    confusion.to_csv(plots / "confusion.csv", index=False, lineterminator="\n")
    draw_learning_curves(plots / "learning_curves.png", curves)
    draw_confusions(plots / "confusion.png", confusion, test["baseline_cnn"].classes)
    draw_accuracies(plots / "accuracy.png", comparison)
    print(format_comparison(comparison, data))


if __name__ == "__main__":
    run_stage(main)
