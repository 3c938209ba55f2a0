"""The house: which room may use which, and that its guide names what is there."""

import importlib
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import threeway
from tests.declare import ROOT, list_imports
from threeway import artefacts
from threeway.run import PREDICTIONS

# Each room with those that it may use, beside the modules at the root, which use no room.
ROOMS = {
    "intake": {"execution"},
    "examples": set(),
    "networks": {"execution", "examples"},
    "model": {"execution", "networks", "examples"},
    "execution": set(),
    "training": {"execution", "model", "networks", "examples"},
    "evidence": set(),
    "papers": {"evidence"},
    "reading": {"evidence", "examples"},
    "beside": {"evidence", "reading"},
}
MODULES = sorted((ROOT / "threeway").rglob("*.py"))


def name_room(path: Path) -> str:
    """Names the room of a module of threeway: "" at the root."""
    return path.relative_to(ROOT / "threeway").parent.as_posix().removeprefix(".")


def test_every_room_is_known():
    assert {name_room(path) for path in MODULES} == {"", *ROOMS}


@pytest.mark.parametrize("room", ["", *ROOMS])
def test_a_room_uses_those_below_it_alone(room):
    used = {
        name_room(imported)
        for path in MODULES
        if name_room(path) == room
        for imported in list_imports(path)
    }
    assert used - {room, ""} == ROOMS.get(room, set())


def test_no_module_comes_back_to_itself():
    TopologicalSorter({path: list_imports(path) for path in MODULES}).prepare()


@pytest.mark.parametrize("name", re.findall(r"\b\w+(?:\.\w+)*\.\w+\b", threeway.__doc__))
def test_the_way_of_an_image_names_what_is_there(name):
    if name.endswith((".csv", ".npy")):
        known = {path.name for path in vars(artefacts).values() if isinstance(path, Path)}
        assert name in known | {PREDICTIONS}
        return
    try:
        importlib.import_module(f"threeway.{name}")
    except ModuleNotFoundError:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(f"threeway.{module}"), function))
