"""Writes the tables of the READMEs from the results that they show.

    python -m benchmarks.readme

Each table stands between <!-- NAME --> and <!-- /NAME -->. The tests check that none is stale.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from benchmarks.divisions import tabulate
from threeway.reading.markup import align_table
from threeway.reading.use import present_formats

ROOT = Path(__file__).parents[1]
PAPERS = ("animals", "batik", "clothing")
FINDINGS = ["paper", "severity", "claim", "where", "expected"]
# What is said of a pair by folds, and in benchmarks/papers/ in words of an earlier version.
OF_PAIR = re.compile(r" is better| at most |^- Which of .* cannot be told: ")
OF_PAIR_EARLIER = re.compile(r" apart: | beats ")

Read = Callable[[str], str]


def list_tables(read: Read) -> Iterator[tuple[str, str, str]]:
    """Lists every table of a README: (README, name between the markers, text).

    Args:
        read: gives the text of a file of the project, by its path from the root.
    """
    yield "README.md", "comparison", summarise(read("metrics/comparison.md"))
    formats = tabulate_formats(read("metrics/comparison.json"), read("metrics/cost.json"))
    choice = json.loads(read("metrics/comparison.json"))["verdict"]["shown"]
    own = formats["network, format"].str.startswith(f"{choice},")
    yield "README.md", "formats", align_table(formats[own])
    yield "benchmarks/README.md", "formats", align_table(formats)
    for name in ("clothing", "batik"):
        kept = f"benchmarks/photographs/{name}"
        table = tabulate_formats(read(f"{kept}/comparison.json"), read(f"{kept}/cost.json"))
        yield "benchmarks/README.md", f"{name}-formats", align_table(table)
    runs = pd.read_csv(io.StringIO(read("benchmarks/divisions.csv")))
    yield "benchmarks/README.md", "divisions", align_table(tabulate(runs))
    speed, *_ = read("benchmarks/speed.md").split("\n\n")
    yield "benchmarks/README.md", "speed", speed
    photographs = read("benchmarks/photographs/clothing/comparison.md")
    yield "README.md", "photographs", summarise(photographs)
    audit = pd.read_csv(io.StringIO(read("metrics/audit.csv")))
    yield "papers/README.md", "audit", align_table(audit[FINDINGS])
    for paper in PAPERS:
        comparison = read(f"benchmarks/papers/{paper}/comparison.md")
        yield "papers/README.md", paper, summarise_paper(comparison)
        by_folds = read(f"benchmarks/photographs/{paper}/comparison.md")
        yield "papers/README.md", f"{paper}-folds", summarise_findings(by_folds)


def tabulate_formats(comparison: str, costs: str) -> pd.DataFrame:
    """Takes what formats of small devices take and change out of comparison.json and cost.json."""
    return present_formats(json.loads(comparison)["formats"], json.loads(costs))


def summarise(comparison: str) -> str:
    """Takes the headline and the table out of a comparison.md."""
    headline, table, *_ = comparison.split("\n\n")
    return f"{headline}\n\n{table}"


def summarise_findings(comparison: str) -> str:
    """Takes headline, table and what is said of each pair out of a comparison.md by folds."""
    headline, table, findings, *_ = comparison.split("\n\n")
    return "\n\n".join([headline, table, pick_lines(findings, OF_PAIR)])


def summarise_paper(comparison: str) -> str:
    """Takes headline, table, differences and the paper's figures out of a comparison.md."""
    headline, table, findings, _, _, published = comparison.strip().split("\n\n")
    return "\n\n".join([headline, table, pick_lines(findings, OF_PAIR_EARLIER), published])


def pick_lines(findings: str, wanted: re.Pattern) -> str:
    """Picks the lines in which a pattern is found.

    Raises:
        ValueError: there are none: their wording is not the one that is looked for.
    """
    lines = [line for line in findings.splitlines() if wanted.search(line)]
    if not lines:
        raise ValueError(
            f"no line has {wanted.pattern!r}: found {findings[:200]!r}, expected one for each pair"
        )
    return "\n".join(lines)


def replace_table(readme: str, name: str, text: str) -> str:
    """Puts a text between its markers.

    Raises:
        ValueError: the README has no such markers.
    """
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(readme):
        raise ValueError(f"no <!-- {name} --> in the README")
    return pattern.sub(lambda found: f"{found[1]}{text}{found[2]}", readme)


def main() -> None:
    def read(path: str) -> str:
        return (ROOT / path).read_text()

    for path, name, text in list_tables(read):
        readme = read(path)
        (ROOT / path).write_text(replace_table(readme, name, text))
        print(f"{path}: {name}")


if __name__ == "__main__":
    main()
