"""dvc.yaml declares what the stages use: DVC follows neither imports nor reads."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.declare import declare_code, follow_imports

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


def test_deps_are_exactly_the_modules_that_the_stages_import():
    text = (ROOT / "dvc.yaml").read_text()
    assert declare_code(text) == text, "python -m tests.declare"


@pytest.mark.parametrize("name", STAGES)
def test_params_are_exactly_the_sections_that_the_stage_loads(name):
    source = (ROOT / "stages" / f"{name}.py").read_text()
    calls = re.findall(r"load_settings\(([^)]*)\)", source)
    loaded = set(re.findall(r'"(\w+)"', " ".join(calls)))
    declared = STAGES[name].get("params", [])
    if name in ("check", "compare", "report"):
        # One checks all of it, the others say all of it, or how it differs from a paper's.
        assert declared == [{"params.yaml": None}]
    else:
        assert set(declared) == loaded


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_one_python_call_with_a_description(name):
    assert STAGES[name]["cmd"] == f"python -m stages.{name}"
    assert STAGES[name]["desc"]
    assert len((ROOT / "stages" / f"{name}.py").read_text().splitlines()) <= 120


@pytest.mark.parametrize("name", ["check", "split", "preprocess", "track", "compare"])
def test_stages_without_networks_do_not_import_tensorflow(name):
    modules = follow_imports(ROOT / "stages" / f"{name}.py")
    sources = "\n".join((ROOT / module).read_text() for module in modules)
    assert not re.search(r"(import|from) (tensorflow|keras|dvclive)", sources)
