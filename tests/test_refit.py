"""Which scenario is taken home, and with which settings."""

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages import refit
from stages.refit import choose
from threeway.artefacts import METRICS, REFIT, TAKEN_HOME
from threeway.records import write_json
from threeway.scenarios import SCENARIOS
from threeway.training.refit import SECTIONS
from threeway.training.ways import WAYS

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


@pytest.mark.parametrize(
    ("wanted", "choice", "chosen"),
    [
        ("recommended", "fine_tuning", "fine_tuning"),
        ("recommended", None, None),
        ("baseline_cnn", "fine_tuning", "baseline_cnn"),
        ("baseline_cnn", None, "baseline_cnn"),
        ("none", "fine_tuning", None),
    ],
)
def test_the_verdict_or_the_user_chooses(wanted, choice, chosen):
    assert choose(wanted, choice) == chosen


def test_where_the_verdict_says_to_use_none_there_is_no_model_and_it_is_said(
    tmp_path, monkeypatch, capsys
):
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    write_json(METRICS / "comparison.json", {"verdict": {"choice": None}, "split": "test"})
    refit.main()
    assert [*TAKEN_HOME.iterdir()] == [*REFIT.iterdir()] == []
    assert "the verdict says to use none of the scenarios" in capsys.readouterr().out


def test_every_scenario_has_its_way_and_its_settings():
    assert tuple(WAYS) == tuple(SECTIONS) == SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_is_trained_on_all_images_with_the_sections_of_its_stage(name):
    declared = {param.partition(".")[0] for param in STAGES[name]["params"]}
    assert {*SECTIONS[name]} == declared - {"tuning"}
