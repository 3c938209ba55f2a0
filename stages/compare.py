"""Makes the comparison from tracked data, in seconds: decision, tables, tests and curves.

Reads metrics/<scenario>/, metrics/{tuning,learning_curve,formats}.csv, metrics/{cost,data}.json and
papers/<paper>.yaml, all of them in git. Writes metrics/comparison.{json,csv,md,tex},
metrics/comparison_wide.tex, metrics/classes.{csv,md}, metrics/published.csv, metrics/summary.json
(what `dvc metrics` shows), and plots/{learning_curves,confusion}.csv, which `dvc plots` draws.
"""

from dataclasses import asdict

from threeway.artefacts import METRICS, PLOTS
from threeway.errors import run_stage
from threeway.evidence import comparison
from threeway.evidence.answers import read_rows, read_scenarios
from threeway.evidence.formats import compare_formats
from threeway.evidence.more_images import follow_growth
from threeway.evidence.search import summarise_searches
from threeway.evidence.significance import compare_pairs
from threeway.evidence.verdict import Verdict, judge
from threeway.papers.paper import describe_paper, read_active
from threeway.papers.published import Results, set_beside
from threeway.reading import tables
from threeway.records import read_csv, read_json, write_csv, write_json, write_text
from threeway.scenarios import SCENARIOS
from threeway.settings import DECISIVE, Settings, load_settings

FOLDERS = {name: METRICS / name for name in SCENARIOS}


def gather(split: str) -> dict:
    """Gathers what git tracks: answers to val and to the judged split, and all other files."""
    return {
        "val": read_scenarios(FOLDERS, "val"),
        "judged": read_scenarios(FOLDERS, split),
        "records": {name: comparison.read_records(folder) for name, folder in FOLDERS.items()},
        "trials": read_csv(METRICS / "tuning.csv"),
        "marks": read_rows(METRICS / "learning_curve.csv"),
        "exported": read_rows(METRICS / "formats.csv"),
    } | {name: read_json(METRICS / f"{name}.json") for name in ("cost", "data")}


def judge_scenarios(found: dict, settings: Settings) -> tuple[Verdict, dict, dict]:
    """Judges what was gathered: the verdict, what comparison.json holds, and tables by name."""
    judged, margin, split = found["judged"], settings.verdict.margin, settings.evaluation.split
    table = comparison.compare_scenarios(judged, split, found["records"], found["cost"])
    chance = comparison.measure_chance(judged[SCENARIOS[0]])
    lists = {
        "differences": compare_pairs(judged, margin),
        "searches": summarise_searches(found["trials"], FOLDERS, judged, settings),
        "growths": follow_growth(found["marks"], judged, found["data"]["train"]),
        "formats": compare_formats(found["exported"], judged, margin),
    }
    about = {"data": found["data"], "processors": comparison.list_processors(found["cost"])}
    verdict = judge(table, chance=chance, settings=settings, **about, **lists)
    classes, confusion = comparison.tabulate_classes(judged), comparison.tabulate_confusion(judged)
    evidence = {
        "verdict": asdict(verdict),
        "split": split,
        "chance": chance,
        "scenarios": comparison.to_records(table),
        "runs": comparison.list_results(judged, found["records"]),
        **{name: [asdict(one) for one in results] for name, results in lists.items()},
        "most_confused": comparison.rank_confusions(confusion).to_dict("records"),
    }
    return verdict, evidence, {"comparison": table, "classes": classes, "confusion": confusion}


def write(report: str, evidence: dict, made: dict, data: dict) -> None:
    """Writes what was judged: report, content of comparison.json, tables by name."""
    write_json(METRICS / "comparison.json", evidence)
    write_text(METRICS / "comparison.md", report)
    table, classes = made["comparison"], made["classes"]
    for name in ("comparison", "classes", "published"):
        write_csv(METRICS / f"{name}.csv", made[name])
    for name, text in tables.format_tables(table, classes, data).items():
        write_text(METRICS / name, text)
    write_json(METRICS / "summary.json", comparison.pick_metrics(table, data["digest"]))
    write_csv(PLOTS / "learning_curves.csv", comparison.read_curves(FOLDERS))
    write_csv(PLOTS / "confusion.csv", made["confusion"])


def main() -> None:
    settings = load_settings(*DECISIVE)
    paper, found = read_active(settings.paper), gather(settings.evaluation.split)
    verdict, evidence, made = judge_scenarios(found, settings)
    # A paper's test figures have nothing to stand beside while test is not looked at.
    shown = paper if settings.evaluation.split == "test" else None
    ours = Results(made["comparison"], made["classes"], found["val"], found["judged"])
    made["published"] = set_beside(shown, ours)
    evidence["paper"] = beside = paper and describe_paper(paper, settings)
    report = tables.format_comparison(made["comparison"], verdict, found["data"])
    if shown:
        explanation = tables.explain_published(beside["citation"], beside["deviations"])
        report += "\n" + tables.format_published(made["published"], explanation)
    write(report, evidence, made, found["data"])
    print(report)


if __name__ == "__main__":
    run_stage(main)
