"""The tutorial does what it says."""

import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.checkout import change_params
from tests.small_project import list_stages_run, run
from threeway.scenarios import SCENARIOS

pytestmark = pytest.mark.slow

TUTORIAL = Path(__file__).parents[1] / "docs/tutorial.md"


def test_the_tutorial_runs_as_it_is_written(project, clone):
    """Its blocks, one after another: edits of params.yaml, and commands."""
    # Of the images that the project is finished with, so that nothing is trained again.
    shutil.make_archive(str(clone / "data/clothing"), "zip", clone / "shapes")
    blocks = re.findall(r"```(sh|yaml)\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    outputs = []
    for language, text in blocks:
        if language == "yaml":
            change_params(clone, YAML(typ="safe").load(text))
        else:
            commands = text.replace("data/photos/clothing/shoes", "data/photos/circle")
            commands = commands.replace("ankle-boot-50873", "circle-00")
            outputs.append(run(clone, "bash", "-ec", commands))
    assert len(outputs) == 8
    look, decision, margin, predicted, device = (outputs[i] for i in (1, 2, 4, 6, 7))
    assert "circle" in look
    assert list_stages_run(look) == ["check", "inspect", "preprocess"]
    assert not {*SCENARIOS, "features"} & {*list_stages_run(decision + margin)}
    assert "verdict.margin" in margin
    assert {path.suffix for path in (clone / "tables").iterdir()} == {".csv", ".md", ".tex"}
    assert len([line for line in predicted.splitlines() if "data/photos/circle/" in line]) == 13
    [answer] = [line for line in device.splitlines() if line.startswith("data/photos/circle/")]
    assert answer.split("\t")[0] in predicted
