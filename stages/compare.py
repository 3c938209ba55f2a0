"""Makes the comparison from tracked data: tables, tests, curves and pictures, in seconds.

Reads metrics/<scenario>/, metrics/cost.json, metrics/data.json and papers/<paper>.yaml, all of
them in git. Writes metrics/comparison.{json,csv,md,tex}, metrics/classes.{csv,md},
metrics/published.csv, metrics/summary/ (what `dvc metrics` shows), and under plots/ the CSVs that
`dvc plots` draws and the pictures for print.
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
    to_records,
)
from threeway.errors import run_stage
from threeway.papers import read_active
from threeway.predictions import read_scenarios
from threeway.published import Results, set_beside
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings
from threeway.significance import compare_pairs, overall_p_value
from threeway.tables import (
    align_table,
    explain_comparison,
    format_comparison,
    format_latex,
    format_published,
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


def draw_plots(results: Results, curves: pd.DataFrame) -> None:
    PLOTS.mkdir(exist_ok=True)
    confusion = tabulate_confusion(results.test)
    write_csv(PLOTS / "learning_curves.csv", curves)
    write_csv(PLOTS / "confusion.csv", confusion)
    figures.draw_learning_curves(PLOTS / "learning_curves.png", curves)
    figures.draw_confusions(PLOTS / "confusion.png", confusion, results.test[SCENARIOS[0]].classes)
    figures.draw_accuracies(PLOTS / "accuracy.png", results.comparison)
    figures.draw_costs(PLOTS / "cost.png", results.comparison)
    figures.draw_class_scores(PLOTS / "classes.png", results.classes)
    figures.draw_reliability(PLOTS / "reliability.png", tabulate_reliability(results.test))


def main() -> None:
    settings = load_settings("paper", "image")
    paper = read_active(settings.paper)
    folders = {name: METRICS / name for name in SCENARIOS}
    val, test = (read_scenarios(folders, split) for split in ("val", "test"))
    records = {name: read_records(folder) for name, folder in folders.items()}
    costs = json.loads((METRICS / "cost.json").read_text())
    data = json.loads((METRICS / "data.json").read_text())

    comparison = compare_scenarios(test, records, costs)
    correct = {name: predictions.correct for name, predictions in test.items()}
    differences = compare_pairs(correct)
    verdict = judge(comparison, differences, data, settings.image.pixel_range)
    classes = tabulate_classes(test)
    published = set_beside(paper, results := Results(comparison, classes, val, test))

    evidence = {
        "verdict": asdict(verdict),
        "scenarios": to_records(comparison),
        "differences": [asdict(difference) for difference in differences],
        "cochrans_q_p_value": overall_p_value(correct),
        "most_confused": rank_confusions(tabulate_confusion(test)).to_dict("records"),
        "paper": paper and {"name": settings.paper, "citation": paper.citation},
    }
    write_json(METRICS / "comparison.json", evidence)
    write_csv(METRICS / "published.csv", published)
    report = format_comparison(comparison, verdict, data)
    if paper:
        report += "\n" + format_published(published, paper.citation)
    (METRICS / "comparison.md").write_text(report)
    write_tables(comparison, classes, explain_comparison(comparison, data))
    draw_plots(results, read_curves(folders))
    counts = pd.DataFrame.from_dict(data["classes"], orient="index")
    figures.draw_class_sizes(PLOTS / "class_sizes.png", counts)
    print(report)


if __name__ == "__main__":
    run_stage(main)
