"""dvc.yaml declares what the stages use: DVC follows neither imports nor reads."""

import ast
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


def list_imports(path: Path) -> set[Path]:
    """Lists the project's modules that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            # "from threeway import x" imports the module x.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        paths = [ROOT / f"{name.replace('.', '/')}.py" for name in names]
        found |= {path for path in paths if path.is_file()}
    return found


def follow_imports(path: Path) -> set[str]:
    """Lists a module and all project modules behind it, as paths from the root."""
    seen, waiting = set(), [path]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += list_imports(module)
    return {str(module.relative_to(ROOT)) for module in seen}


@pytest.mark.parametrize("name", STAGES)
def test_deps_are_exactly_the_modules_that_the_stage_imports(name):
    declared = {dep for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    assert declared == follow_imports(ROOT / "stages" / f"{name}.py")


@pytest.mark.parametrize("name", STAGES)
def test_params_are_exactly_the_sections_that_the_stage_loads(name):
    source = (ROOT / "stages" / f"{name}.py").read_text()
    calls = re.findall(r"load_settings\(([^)]*)\)", source)
    loaded = set(re.findall(r'"(\w+)"', " ".join(calls)))
    declared = STAGES[name].get("params", [])
    if name in ("check", "report"):
        # One checks all of it, the other prints all of it.
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
