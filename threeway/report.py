"""The report: one HTML page with its pictures inside."""

import base64
from dataclasses import dataclass
from pathlib import Path

import jinja2


@dataclass(frozen=True)
class Picture:
    """A picture as a page holds it: data URI, and the words for who cannot see it."""

    source: str
    text: str


def embed_picture(path: Path, text: str) -> Picture:
    """Reads a PNG to be shown in a page that loads nothing."""
    content = base64.b64encode(path.read_bytes()).decode()
    return Picture(f"data:image/png;base64,{content}", text)


def render_report(**content: object) -> str:
    """Renders the page; whatever classes and files are called stays text.

    Args:
        **content: what report.html shows, each by its name:
            evidence (metrics/comparison.json), costs (metrics/cost.json), data (metrics/data.json)
            and params (params.yaml) as they are;
            table (the comparison), classes (F1 of each), class_scores (precision, recall and F1)
            and published (a paper's figures beside ours), as the `present` functions of tables
            round them, with explanation and beside to say what they are;
            audit, one row a finding; layers, a table by scenario; titles, words by scenario;
            pictures, each a Picture, by name.

    Raises:
        jinja2.UndefinedError: one of them is missing.
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
    return environment.get_template("report.html").render(content)
