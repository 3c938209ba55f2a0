"""Puts everything on one page that loads nothing.

Reads params.yaml (as text), all of metrics/ and the pictures under plots/. Writes
plots/report.html.
"""

from pathlib import Path

import pandas as pd

from threeway.artefacts import METRICS, PLOTS
from threeway.errors import run_stage
from threeway.evidence.answers import read_predictions
from threeway.evidence.ranking import FIGURES
from threeway.evidence.suspects import NUM_SHOWN, find_suspects
from threeway.reading.captions import list_labels
from threeway.reading.methods import describe_methods
from threeway.reading.recipes import present_growths, present_tuning
from threeway.reading.report import embed_pictures, render_report
from threeway.reading.tables import (
    explain_comparison,
    explain_published,
    present_class_scores,
    present_classes,
    present_comparison,
    present_left_out,
    present_published,
    present_runs,
    present_suspects,
    set_scenarios_across,
)
from threeway.reading.use import (
    present_abstentions,
    present_formats,
    present_ranking,
    present_two_classes,
)
from threeway.records import read_csv, read_json, write_text
from threeway.run import PREDICTIONS
from threeway.scenarios import SCENARIOS
from threeway.settings import DECISIVE, drop_sections, load_settings

# In metrics/published.csv; a figure stays as printed.
TEXT = ["published", "class_name", "published_lies"]


def read_audit(paper: dict | None) -> pd.DataFrame:
    """Reads the findings on the active paper; without one there are none."""
    audit = read_csv(METRICS / "audit.csv")
    return audit[audit["paper"] == (paper["name"] if paper else None)]


def main() -> None:
    names = ("comparison", "data", "trust")
    evidence, data, trust = (read_json(METRICS / f"{name}.json") for name in names)
    shown = evidence["verdict"]["shown"]
    predictions = read_predictions(METRICS / shown / PREDICTIONS, evidence["split"])
    comparison = read_csv(METRICS / "comparison.csv")
    classes = read_csv(METRICS / "classes.csv", text=["class"])
    paper, costs = evidence["paper"], read_json(METRICS / "cost.json")
    settings = load_settings(*DECISIVE)
    suspects = find_suspects(predictions)
    ranking = read_csv(METRICS / "ranking.csv", text=["class"])
    tables = {
        "tuning": present_tuning(evidence["searches"], read_csv(METRICS / "tuning.csv")),
        "growths": present_growths(evidence["growths"]),
        "abstentions": present_abstentions(trust["abstentions"]),
        "rankings": {name: present_ranking(ranking, name) for name in FIGURES},
        "two_classes": present_two_classes(trust["two_classes"]),
        "formats": present_formats(evidence["formats"], costs),
    }
    page = render_report(
        evidence=evidence,
        trust=trust,
        table=set_scenarios_across(present_comparison(comparison)),
        explanation=explain_comparison(comparison, data),
        runs=present_runs(evidence["runs"]),
        classes=present_classes(classes),
        class_scores=present_class_scores(classes),
        labels=list_labels(predictions.classes),
        suspects=present_suspects(suspects[:NUM_SHOWN]),
        num_suspects=len(suspects),
        costs=costs,
        data=data,
        left_out=present_left_out(data),
        provenance=read_json(METRICS / "provenance.json"),
        methods=describe_methods(evidence, data, costs["machine"], settings),
        layers={name: read_csv(METRICS / name / "layers.csv") for name in SCENARIOS},
        pictures=embed_pictures(PLOTS),
        audit=read_audit(paper),
        **tables,
        published=present_published(read_csv(METRICS / "published.csv", TEXT)),
        beside=explain_published(paper["citation"], paper["deviations"]) if paper else "",
        params=drop_sections(Path("params.yaml").read_text(encoding="utf-8")),
    )
    write_text(PLOTS / "report.html", page)


if __name__ == "__main__":
    run_stage(main)
