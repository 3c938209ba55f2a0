"""dvc.yaml declares what the stages use: DVC follows neither imports nor reads."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.declare import declare_code, follow_imports
from threeway import artefacts
from threeway.scenarios import SCENARIOS
from threeway.settings import DECISIVE

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


def test_deps_are_exactly_the_modules_that_the_stages_import():
    text = (ROOT / "dvc.yaml").read_text()
    assert declare_code(text) == text, "python -m tests.declare"


@pytest.mark.parametrize("name", STAGES)
def test_params_are_exactly_what_the_stage_loads(name):
    source = (ROOT / "stages" / f"{name}.py").read_text()
    calls = re.findall(r"load_settings\(([^)]*)\)", source)
    loaded = set(re.findall(r'"([\w.]+)"', " ".join(calls)))
    declared = STAGES[name].get("params", [])
    if name == "check":
        assert declared == [{"params.yaml": None}]
    elif name in ("compare", "report"):
        # They say all of it, or how it differs from a paper's; how it is executed is no part of it.
        assert set(declared) == {*DECISIVE}
    else:
        assert set(declared) == loaded


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_one_python_call_with_a_description(name):
    assert STAGES[name]["cmd"] == f"python -m stages.{name}"
    assert STAGES[name]["desc"]
    assert len((ROOT / "stages" / f"{name}.py").read_text().splitlines()) <= 100


@pytest.mark.parametrize(
    "name", ["check", "inspect", "split", "preprocess", "track", "compare", "trust", "draw"]
)
def test_stages_without_networks_do_not_import_tensorflow(name):
    modules = follow_imports(ROOT / "stages" / f"{name}.py")
    sources = "\n".join((ROOT / module).read_text() for module in modules)
    assert not re.search(r"(import|from) (tensorflow|keras|dvclive)", sources)


NETWORKS = ("inspect", "preprocess", "features", *SCENARIOS)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_words_counts_costs_or_draws_makes_nothing_decode_embed_or_train_again(name):
    code = {Path(dep) for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    rooms = {path.parent.name for path in code}
    assert not rooms & {"reading", "evidence", "papers", "beside"}
    stems = {path.stem for path in code}
    assert not stems & {"describing", "accounting", "foreign", "cost", "machine", "progress"}
    # Who looks at files need not train, and who trains need not look at files.
    trains = name not in ("inspect", "preprocess")
    assert ("intake" in rooms) is not trains
    assert bool(rooms & {"networks", "training", "model"}) is trains


def test_what_is_decoded_or_embedded_does_not_depend_on_the_division():
    undeclared = {"data", "data.seed", "data.fractions", "data.folds", "data.repeats"}
    divided = {"data/pipeline/split.csv", "data/pipeline/groups.csv"}
    for name in ("inspect", "preprocess", "features"):
        assert not divided & {*STAGES[name]["deps"]}
        assert not undeclared & {*STAGES[name]["params"]}


def test_each_path_of_artefacts_is_declared_or_holds_what_is():
    """No stage depends on the module that names them: DVC must know of each path itself."""
    outs = {
        Path(out if isinstance(out, str) else next(iter(out)))
        for stage in STAGES.values()
        for kind in ("outs", "metrics", "plots")
        for out in stage.get(kind, [])
    }
    paths = {path for path in vars(artefacts).values() if isinstance(path, Path)}
    # What only lasts while a stage runs, or until it is not needed any more.
    paths -= {artefacts.FROZEN, artefacts.UNFINISHED, artefacts.LOGS, artefacts.KEPT}
    assert len(paths) > 10
    assert not [
        path for path in paths if path not in outs and not any(path in out.parents for out in outs)
    ]
