"""Makes the comparison from tracked data: tables, tests, curves and pictures, in seconds.

Reads metrics/<scenario>/ (predictions.csv and DVCLive records), metrics/cost.json and
metrics/data.json, all of them in git. Writes metrics/comparison.{json,csv,md,tex},
metrics/classes.{csv,md}, metrics/summary/ (what `dvc metrics` shows), and under plots/ the CSVs
that `dvc plots` draws and the pictures for print.
"""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from threeway import figures
from threeway.comparison import (
    compare_scenarios,
    rank_confusions,
    read_curves,
    read_records,
    tabulate_classes,
    tabulate_confusion,
    tabulate_reliability,
)
from threeway.errors import run_stage
from threeway.predictions import read_predictions
from threeway.scenarios import SCENARIOS
from threeway.significance import compare_pairs, overall_p_value
from threeway.tables import (
    align_table,
    explain_comparison,
    format_comparison,
    format_latex,
    present_classes,
    present_comparison,
)
from threeway.verdict import judge

METRICS, PLOTS = Path("metrics"), Path("plots")
# What `dvc metrics show` and `dvc metrics diff` print, a row a scenario.
SUMMARY = "test_accuracy test_accuracy_low test_accuracy_high macro_f1 val_accuracy train_accuracy"


def write_csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, lineterminator="\n")


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def to_records(comparison: pd.DataFrame) -> dict[str, dict]:
    """Turns the table into a record a scenario; NaN, which is no JSON, into null."""
    records = comparison.set_index("scenario").to_dict("index")
    return {
        name: {key: None if pd.isna(value) else value for key, value in row.items()}
        for name, row in records.items()
    }


def write_tables(comparison: pd.DataFrame, classes: pd.DataFrame, caption: str) -> None:
    write_csv(METRICS / "comparison.csv", comparison)
    latex = format_latex(present_comparison(comparison), caption, "tab:comparison")
    (METRICS / "comparison.tex").write_text(latex)
    write_csv(METRICS / "classes.csv", classes)
    (METRICS / "classes.md").write_text(align_table(present_classes(classes)) + "\n")
    (METRICS / "summary").mkdir(exist_ok=True)
    for name, row in to_records(comparison).items():
        path = METRICS / "summary" / f"{name}.json"
        write_json(path, {key: row[key] for key in SUMMARY.split()})


def main() -> None:
    folders = {name: METRICS / name for name in SCENARIOS}
    test = {name: read_predictions(f / "predictions.csv", "test") for name, f in folders.items()}
    records = {name: read_records(folder) for name, folder in folders.items()}
    costs = json.loads((METRICS / "cost.json").read_text())
    data = json.loads((METRICS / "data.json").read_text())

    comparison = compare_scenarios(test, records, costs)
    correct = {name: predictions.correct for name, predictions in test.items()}
    differences = compare_pairs(correct)
    verdict = judge(comparison, differences, data)
    classes, confusion = tabulate_classes(test), tabulate_confusion(test)
    curves = read_curves(folders)

    evidence = {
        "verdict": asdict(verdict),
        "scenarios": to_records(comparison),
        "differences": [asdict(difference) for difference in differences],
        "cochrans_q_p_value": overall_p_value(correct),
        "most_confused": rank_confusions(confusion).to_dict("records"),
    }
    write_json(METRICS / "comparison.json", evidence)
    report = format_comparison(comparison, verdict, data)
    (METRICS / "comparison.md").write_text(report)
    write_tables(comparison, classes, explain_comparison(comparison, data))

    PLOTS.mkdir(exist_ok=True)
    write_csv(PLOTS / "learning_curves.csv", curves)
    write_csv(PLOTS / "confusion.csv", confusion)
    figures.draw_learning_curves(PLOTS / "learning_curves.png", curves)
    figures.draw_confusions(PLOTS / "confusion.png", confusion, test[SCENARIOS[0]].classes)
    figures.draw_accuracies(PLOTS / "accuracy.png", comparison)
    figures.draw_costs(PLOTS / "cost.png", comparison)
    figures.draw_class_scores(PLOTS / "classes.png", classes)
    figures.draw_reliability(PLOTS / "reliability.png", tabulate_reliability(test))
    counts = pd.DataFrame.from_dict(data["classes"], orient="index")
    figures.draw_class_sizes(PLOTS / "class_sizes.png", counts)
    print(report)


if __name__ == "__main__":
    run_stage(main)
