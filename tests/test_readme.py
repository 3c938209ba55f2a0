"""What the README shows is what the committed runs say."""

import re
from pathlib import Path

import pandas as pd
import pytest

from threeway.tables import align_table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    ("marker", "source"),
    [
        ("comparison", "metrics/comparison.md"),
        ("photographs", "benchmarks/photographs/comparison.md"),
    ],
)
def test_tables_are_those_of_the_runs(marker, source):
    shown = re.search(rf"<!-- {marker} -->\n(.*?)\n<!-- /{marker} -->", README, re.DOTALL).group(1)
    table = [line for line in (ROOT / source).read_text().splitlines() if line.startswith("|")]
    headline = (ROOT / source).read_text().splitlines()[0]
    assert shown.strip().splitlines() == [headline, "", *table]


def test_every_file_that_is_linked_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links if not link.startswith("http"))


def test_the_makefile_and_the_plain_commands_do_the_same():
    makefile = (ROOT / "Makefile").read_text()
    for command in ("install --quiet --require-hashes -r requirements.txt", "dvc repro", "pytest"):
        assert command in makefile
        assert command.replace("--quiet ", "") in README


def test_the_papers_findings_are_those_of_the_audit():
    shown = (ROOT / "papers/README.md").read_text()
    table = re.search(r"<!-- audit -->\n(.*?)\n<!-- /audit -->", shown, re.DOTALL).group(1)
    audit = pd.read_csv(ROOT / "metrics/audit.csv")
    assert table == align_table(audit[["paper", "severity", "claim", "where", "expected"]])
