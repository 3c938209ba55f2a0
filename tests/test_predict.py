"""Folders and single files are both taken, and the verdict says with which model."""

from pathlib import Path

import pytest

from stages.predict import list_files, read_choice
from threeway.artefacts import METRICS
from threeway.errors import InputError
from threeway.records import write_json


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty checkout, where this runs."""
    monkeypatch.chdir(tmp_path)


def test_files_and_folders_are_listed(class_folders):
    one = class_folders / "circle" / "circle-00.png"
    assert list_files([one]) == [one]
    assert len(list_files([class_folders, one])) == 19
    with pytest.raises(InputError, match="nothing at"):
        list_files([Path("nowhere.png")])


def test_without_a_scenario_the_verdict_is_asked():
    with pytest.raises(InputError, match="no verdict yet; run 'dvc repro', or give a --scenario"):
        read_choice()
    write_json(METRICS / "comparison.json", {"verdict": {"choice": "baseline_cnn"}})
    assert read_choice() == "baseline_cnn"
    write_json(METRICS / "comparison.json", {"verdict": {"choice": None}})
    with pytest.raises(InputError, match="use none of the scenarios; give a --scenario to use one"):
        read_choice()
