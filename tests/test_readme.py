"""What the README shows is what the committed runs say."""

import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.readme import list_tables, replace_table
from threeway.evidence.answers import read_predictions
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
KEPT = sorted(path.parent for path in (ROOT / "benchmarks").rglob("comparison.csv"))


def read_committed(path: str) -> str:
    """Reads a file as it was committed: a run on other images, or elsewhere, changes the other."""
    if load_settings("data", path=ROOT / "params.yaml").data.source != "data/clothing.zip":
        pytest.skip("the README shows the embedded images, and params.yaml names others")
    show = ["git", "show", f"HEAD:{path}"]
    result = subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip("no checkout, so nothing is committed")
    return result.stdout


def test_tables_are_those_of_the_runs():
    for path, name, text in list_tables(read_committed):
        readme = (ROOT / path).read_text()
        assert replace_table(readme, name, text) == readme, f"{path}: python -m benchmarks.readme"


def test_every_file_that_is_linked_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links if not link.startswith("http"))


def test_the_makefile_and_the_plain_commands_do_the_same():
    makefile = (ROOT / "Makefile").read_text()
    for command in ("install --quiet --require-hashes -r requirements.txt", "dvc repro", "pytest"):
        assert command in makefile
        assert command.replace("--quiet ", "") in README


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_kept_tables_follow_from_kept_predictions(folder):
    comparison = pd.read_csv(folder / "comparison.csv").set_index("scenario")
    for scenario in SCENARIOS:
        test = read_predictions(folder / f"{scenario}.predictions.csv.gz", "test")
        assert comparison.loc[scenario, "accuracy"] == pytest.approx(test.correct.mean())
        assert comparison.loc[scenario, "seeds"] == len(test.seeds)
