"""What the README shows is what the committed runs say."""

import io
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from threeway.settings import load_settings
from threeway.tables import align_table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def read_committed(path: str) -> str:
    """Reads a file as it was committed: a run on other images, or elsewhere, changes the other."""
    if load_settings("data", path=ROOT / "params.yaml").data.source != "data/clothing.zip":
        pytest.skip("the README shows the embedded images, and params.yaml names others")
    show = ["git", "show", f"HEAD:{path}"]
    result = subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip("no checkout, so nothing is committed")
    return result.stdout


@pytest.mark.parametrize(
    ("marker", "source"),
    [
        ("comparison", "metrics/comparison.md"),
        ("photographs", "benchmarks/photographs/comparison.md"),
    ],
)
def test_tables_are_those_of_the_runs(marker, source):
    shown = re.search(rf"<!-- {marker} -->\n(.*?)\n<!-- /{marker} -->", README, re.DOTALL).group(1)
    lines = read_committed(source).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert shown.strip().splitlines() == [lines[0], "", *table]


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
    audit = pd.read_csv(io.StringIO(read_committed("metrics/audit.csv")))
    assert table == align_table(audit[["paper", "severity", "claim", "where", "expected"]])
