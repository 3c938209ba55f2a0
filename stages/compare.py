"""Makes the comparison from tracked data, in seconds: decision, tables, tests and curves.

Reads metrics/<scenario>/, metrics/{tuning,learning_curve,formats}.csv, metrics/{cost,data}.json and
papers/<paper>.yaml, all of them in git. Writes metrics/comparison.{json,csv,md,tex},
metrics/comparison_wide.tex, metrics/classes.{csv,md}, metrics/published.csv, metrics/summary.json
(what `dvc metrics` shows), and under plots/ the CSVs that `dvc plots` draws.
"""

from dataclasses import asdict

from threeway.artefacts import METRICS, PLOTS
from threeway.errors import run_stage
from threeway.evidence.answers import read_scenarios
from threeway.evidence.comparison import (
    compare_scenarios,
    list_processors,
    list_results,
    measure_chance,
    pick_metrics,
    rank_confusions,
    read_curves,
    read_records,
    tabulate_classes,
    tabulate_confusion,
    to_records,
)
from threeway.evidence.formats import compare_formats, read_formats
from threeway.evidence.more_images import follow_growth, read_marks
from threeway.evidence.search import summarise_searches
from threeway.evidence.significance import compare_pairs
from threeway.evidence.verdict import judge
from threeway.papers.paper import list_deviations, read_active
from threeway.papers.published import Results, set_beside
from threeway.reading.tables import (
    explain_published,
    format_comparison,
    format_published,
    format_tables,
)
from threeway.records import read_csv, read_json, write_csv, write_json, write_text
from threeway.scenarios import SCENARIOS
from threeway.settings import DECISIVE, load_settings


def main() -> None:
    settings = load_settings(*DECISIVE)
    paper = read_active(settings.paper)
    folders, split = {name: METRICS / name for name in SCENARIOS}, settings.evaluation.split
    val, judged = (read_scenarios(folders, name) for name in ("val", split))
    records = {name: read_records(folder) for name, folder in folders.items()}
    costs, data = (read_json(METRICS / f"{name}.json") for name in ("cost", "data"))
    comparison = compare_scenarios(judged, split, records, costs)
    differences = compare_pairs(judged, settings.verdict.margin)
    chance = measure_chance(judged[SCENARIOS[0]])
    searches = summarise_searches(read_csv(METRICS / "tuning.csv"), folders, judged, settings)
    growths = follow_growth(read_marks(METRICS / "learning_curve.csv"), judged, data["train"])
    exported = read_formats(METRICS / "formats.csv")
    formats = compare_formats(exported, judged, settings.verdict.margin)
    told = data, list_processors(costs), settings, searches, growths, formats
    verdict = judge(comparison, differences, chance, *told)
    classes, confusion = tabulate_classes(judged), tabulate_confusion(judged)
    # A paper's test figures have nothing to stand beside while test is not looked at.
    shown = paper if split == "test" else None
    published = set_beside(shown, Results(comparison, classes, val, judged))
    beside = paper and {
        "name": settings.paper,
        "citation": paper.citation,
        "deviations": list_deviations(paper, settings),
    }
    lists = {"searches": searches, "growths": growths, "formats": formats}
    evidence = {
        "verdict": asdict(verdict),
        "split": split,
        "chance": chance,
        "scenarios": to_records(comparison),
        "runs": list_results(judged, records),
        "differences": [asdict(difference) for difference in differences],
        **{name: [asdict(one) for one in found] for name, found in lists.items()},
        "most_confused": rank_confusions(confusion).to_dict("records"),
        "paper": beside,
    }
    write_json(METRICS / "comparison.json", evidence)
    report = format_comparison(comparison, verdict, data)
    if paper:
        explanation = explain_published(paper.citation, beside["deviations"])
        report += "\n" + format_published(published, explanation)
    write_text(METRICS / "comparison.md", report)
    tables = {"comparison": comparison, "classes": classes, "published": published}
    for name, table in tables.items():
        write_csv(METRICS / f"{name}.csv", table)
    for name, text in format_tables(comparison, classes, data).items():
        write_text(METRICS / name, text)
    write_json(METRICS / "summary.json", pick_metrics(comparison, data["digest"]))
    write_csv(PLOTS / "learning_curves.csv", read_curves(folders))
    write_csv(PLOTS / "confusion.csv", confusion)
    print(report)


if __name__ == "__main__":
    run_stage(main)
