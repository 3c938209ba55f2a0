"""Folders and single files are both taken, and what is missing or does not fit is said."""

from pathlib import Path

import pytest

from stages.predict import list_files, load_network, read_classes
from threeway.errors import InputError
from threeway.networks.networks import build_baseline_cnn
from threeway.settings import load_settings

PARAMS = Path(__file__).parents[1] / "params.yaml"


def test_files_and_folders_are_listed(class_folders):
    one = class_folders / "circle" / "circle-00.png"
    assert list_files([one]) == [one]
    assert len(list_files([class_folders, one])) == 19
    with pytest.raises(InputError, match="nothing at"):
        list_files([Path("nowhere.png")])


def test_missing_weights_are_said(tmp_path, monkeypatch):
    settings = load_settings("image", path=PARAMS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="fine_tuning is not trained yet; run 'dvc repro'"):
        read_classes("fine_tuning", settings.image)
    with pytest.raises(InputError, match="run 'dvc repro', or give a --seed"):
        load_network("fine_tuning", 1, settings, num_classes=3)


def test_weights_that_do_not_fit_or_are_damaged_are_said(tmp_path, monkeypatch):
    settings = load_settings("image", "baseline_cnn", path=PARAMS)
    monkeypatch.chdir(tmp_path)
    weights = Path("data/pipeline/models/baseline_cnn/seed-1.weights.h5")
    weights.parent.mkdir(parents=True)
    image, cnn = settings.image, settings.baseline_cnn
    build_baseline_cnn(
        image.resolution, image.pixel_range, 3, cnn.filters, cnn.dense_units, cnn.dropout
    ).save_weights(weights)
    load_network("baseline_cnn", 1, settings, num_classes=3)
    with pytest.raises(InputError, match="was trained with other settings than those of params"):
        load_network("baseline_cnn", 1, settings, num_classes=4)
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"seed-1\.weights\.h5 is damaged"):
        load_network("baseline_cnn", 1, settings, num_classes=3)
