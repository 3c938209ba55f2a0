"""The report: one HTML page with its pictures inside."""

import base64
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd


@dataclass(frozen=True)
class Picture:
    """A picture as a page holds it: data URI, and the words for who cannot see it."""

    source: str
    text: str


def embed_picture(path: Path, text: str) -> Picture:
    """Reads a PNG to be shown in a page that loads nothing."""
    content = base64.b64encode(path.read_bytes()).decode()
    return Picture(f"data:image/png;base64,{content}", text)


def render_report(
    *,
    evidence: dict,
    table: pd.DataFrame,
    explanation: str,
    classes: pd.DataFrame,
    class_scores: pd.DataFrame,
    costs: dict,
    data: dict,
    layers: dict[str, pd.DataFrame],
    titles: dict[str, str],
    pictures: dict[str, Picture],
    audit: pd.DataFrame,
    params: str,
) -> str:
    """Renders the page; whatever classes and files are called stays text.

    Args:
        evidence: metrics/comparison.json.
        table: the comparison, rounded.
        explanation: what the table's figures are.
        classes: F1 of each class, rounded.
        class_scores: precision, recall and F1 of each class and scenario, rounded.
        costs: metrics/cost.json.
        data: metrics/data.json.
        layers: layer, type, output and parameters, by scenario.
        titles: what a scenario is called in words.
        pictures: by name.
        audit: metrics/audit.csv.
        params: params.yaml, as it is.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: f"{100 * share:.1f}"
    environment.filters["number"] = lambda count: f"{count:,.0f}"
    return environment.get_template("report.html").render(
        evidence=evidence,
        table=table,
        explanation=explanation,
        classes=classes,
        class_scores=class_scores,
        costs=costs,
        data=data,
        layers=layers,
        titles=titles,
        pictures=pictures,
        audit=audit,
        params=params,
    )
