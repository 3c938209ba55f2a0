"""Makes the comparison from tracked data: tables, tests, curves and pictures, in seconds.

Reads metrics/<scenario>/, metrics/cost.json, metrics/data.json and papers/<paper>.yaml, all of
them in git. Writes metrics/comparison.{json,csv,md,tex}, metrics/classes.{csv,md},
metrics/published.csv, metrics/summary/ (what `dvc metrics` shows), and under plots/ the CSVs that
`dvc plots` draws and the pictures for print.
"""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from threeway import figures
from threeway.comparison import (
    compare_scenarios,
    list_results,
    measure_chance,
    rank_confusions,
    read_curves,
    read_records,
    tabulate_classes,
    tabulate_confusion,
    tabulate_reliability,
    to_records,
)
from threeway.errors import run_stage
from threeway.papers import list_deviations, read_active
from threeway.predictions import read_scenarios
from threeway.published import Results, set_beside
from threeway.records import read_json, write_csv, write_json
from threeway.scenarios import SCENARIOS
from threeway.settings import Settings, load_settings
from threeway.significance import compare_pairs, overall_p_value
from threeway.tables import (
    align_table,
    explain_comparison,
    explain_published,
    format_comparison,
    format_latex,
    format_published,
    present_classes,
    present_comparison,
)
from threeway.verdict import judge

METRICS, PLOTS = Path("metrics"), Path("plots")
# What `dvc metrics show` and `dvc metrics diff` print, a row a scenario.
SUMMARY = "accuracy accuracy_low accuracy_high macro_f1 val_accuracy train_accuracy"


def write_tables(comparison: pd.DataFrame, classes: pd.DataFrame, caption: str) -> None:
    write_csv(METRICS / "comparison.csv", comparison)
    latex = format_latex(present_comparison(comparison), caption, "tab:comparison")
    (METRICS / "comparison.tex").write_text(latex)
    write_csv(METRICS / "classes.csv", classes)
    (METRICS / "classes.md").write_text(align_table(present_classes(classes)) + "\n")
    for name, row in to_records(comparison).items():
        path = METRICS / "summary" / f"{name}.json"
        write_json(path, {key: row[key] for key in SUMMARY.split()})


def draw_plots(results: Results, curves: pd.DataFrame) -> None:
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
    settings = load_settings(*Settings.model_fields)
    paper = read_active(settings.paper)
    folders = {name: METRICS / name for name in SCENARIOS}
    split = settings.evaluation.split
    val, judged = (read_scenarios(folders, name) for name in ("val", split))
    records = {name: read_records(folder) for name, folder in folders.items()}
    costs = read_json(METRICS / "cost.json")
    data = read_json(METRICS / "data.json")

    comparison = compare_scenarios(judged, split, records, costs)
    correct = {name: predictions.correct for name, predictions in judged.items()}
    differences, chance = compare_pairs(correct), measure_chance(judged[SCENARIOS[0]])
    verdict = judge(comparison, differences, chance, data, settings.image.pixel_range)
    classes = tabulate_classes(judged)
    results = Results(comparison, classes, val, judged)
    # A paper's test figures have nothing to stand beside while test is not looked at.
    published = set_beside(paper if split == "test" else None, results)

    beside = paper and {
        "name": settings.paper,
        "citation": paper.citation,
        "deviations": list_deviations(paper, settings),
    }
    evidence = {
        "verdict": asdict(verdict),
        "split": split,
        "chance": chance,
        "scenarios": to_records(comparison),
        "runs": list_results(judged, records),
        "differences": [asdict(difference) for difference in differences],
        "cochrans_q_p_value": overall_p_value(correct),
        "most_confused": rank_confusions(tabulate_confusion(judged)).to_dict("records"),
        "paper": beside,
    }
    write_json(METRICS / "comparison.json", evidence)
    write_csv(METRICS / "published.csv", published)
    report = format_comparison(comparison, verdict, data)
    if paper:
        explanation = explain_published(paper.citation, beside["deviations"])
        report += "\n" + format_published(published, explanation)
    (METRICS / "comparison.md").write_text(report)
    write_tables(comparison, classes, explain_comparison(comparison, data))
    draw_plots(results, read_curves(folders))
    counts = pd.DataFrame.from_dict(data["classes"], orient="index")
    figures.draw_class_sizes(PLOTS / "class_sizes.png", counts)
    print(report)


if __name__ == "__main__":
    run_stage(main)
