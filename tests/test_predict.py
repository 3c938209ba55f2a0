"""Folders and single files are both taken, and what is missing is said."""

from pathlib import Path

import pytest

from stages.predict import list_files, load_network, read_classes
from threeway.errors import InputError
from threeway.settings import load_settings


def test_files_and_folders_are_listed(class_folders):
    one = class_folders / "circle" / "circle-00.png"
    assert list_files([one]) == [one]
    assert len(list_files([class_folders, one])) == 19
    with pytest.raises(InputError, match="nothing at"):
        list_files([Path("nowhere.png")])


def test_missing_weights_are_said(tmp_path, monkeypatch):
    settings = load_settings("image", path=Path(__file__).parents[1] / "params.yaml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="fine_tuning is not trained yet; run 'dvc repro'"):
        read_classes("fine_tuning", settings.image)
    with pytest.raises(InputError, match="run 'dvc repro', or give a --seed"):
        load_network("fine_tuning", 1, settings, num_classes=3)
