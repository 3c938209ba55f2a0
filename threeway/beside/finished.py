"""A finished comparison, read from its place: what was measured, on what, with which settings."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from threeway.beside.places import Place
from threeway.errors import InputError
from threeway.evidence.answers import Predictions, read_predictions
from threeway.scenarios import SCENARIOS
from threeway.settings import flatten

# What stands for the value of a key that one of two settings lacks.
NOT_THERE = "not there"


@dataclass(frozen=True)
class Finished:
    """What one place has measured.

    Attributes:
        label: of the place.
        split: that the accuracies are of, "test" or "val".
        choice: the scenario that the place's verdict says to use; None where it says none.
        digest: of the images, as metrics/data.json has it; None where it has none.
        params: dotted keys of params.yaml with their values; {} where there is no such file.
        outdated: the keys that had other values when the stages ran: by dvc.lock, and now.
        predictions: of the split, by scenario, all of the same images.
    """

    label: str
    split: str
    choice: str | None
    digest: object
    params: dict[str, object]
    outdated: dict[str, tuple[object, object]]
    predictions: dict[str, Predictions]

    @property
    def images(self) -> set[tuple[str, str]]:
        """(path, actual class) of each image."""
        first = self.predictions[SCENARIOS[0]]
        return set(zip(first.images, np.array(first.classes)[first.actual], strict=True))

    @property
    def classes(self) -> list[str]:
        return self.predictions[SCENARIOS[0]].classes


def read_finished(place: Place) -> Finished:
    """Reads what a place has measured.

    Raises:
        InputError: it holds no finished comparison, or a file is damaged.
    """
    comparison, data = (read_json(place, f"metrics/{name}.json") for name in ("comparison", "data"))
    params, lock = read_yaml(place, "params.yaml"), read_yaml(place, "dvc.lock")
    try:
        choice = comparison["verdict"].get("choice")
    except (KeyError, AttributeError) as error:
        raise damaged(place, "metrics/comparison.json", error) from error
    # Comparisons made before there was a choice do not say that they are of test.
    split = comparison.get("split", "test")
    predictions = {name: read_scenario(place, name, split) for name in SCENARIOS}
    if len({tuple(found.images) for found in predictions.values()}) > 1:
        raise InputError(
            f"{place.label}: its scenarios cover different images of {split}, expected the same; "
            "run 'dvc repro' there"
        )
    return Finished(
        label=place.label,
        split=split,
        choice=choice,
        # Not every version of the project has computed one.
        digest=data.get("digest"),
        params=flatten(params),
        outdated=list_outdated(params, lock),
        predictions=predictions,
    )


def read_json(place: Place, path: str) -> dict:
    file = place.folder / path
    if not file.is_file():
        raise missing(place, path)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(place, path, error) from error
    if not isinstance(content, dict):
        raise damaged(place, path, ValueError("it holds no named values"))
    return content


def read_yaml(place: Place, path: str) -> dict:
    """Reads a file that a place can do without: {} where it has none."""
    file = place.folder / path
    try:
        content = YAML(typ="safe").load(file) if file.is_file() else {}
    except (YAMLError, ValueError) as error:
        raise damaged(place, path, error) from error
    return content if isinstance(content, dict) else {}


def read_scenario(place: Place, scenario: str, split: str) -> Predictions:
    path = f"metrics/{scenario}/predictions.csv"
    file = place.folder / path
    if not file.is_file():
        raise missing(place, path)
    try:
        return read_predictions(file, split)
    except (ValueError, LookupError) as error:
        raise damaged(place, path, error) from error


def missing(place: Place, path: str) -> InputError:
    return InputError(
        f"{place.label} has no {path}, so no finished comparison; run 'dvc repro' there and, "
        "where it is a revision, commit metrics/"
    )


def damaged(place: Place, path: str, error: Exception) -> InputError:
    # Of a revision the file is a copy, whose own path tells nobody anything.
    reason = " ".join(str(error).replace(f"{place.folder / path}", path).split())
    return InputError(
        f"{place.label}: {path} is not as 'dvc repro' writes it ({reason}); run that there"
    )


def list_differing(first: dict, second: dict) -> dict[str, tuple[object, object]]:
    """Lists what differs between flat settings: both values of each key."""
    pairs = {key: (first.get(key, NOT_THERE), second.get(key, NOT_THERE)) for key in first | second}
    return {key: (one, other) for key, (one, other) in pairs.items() if one != other}


def list_outdated(params: dict, lock: dict) -> dict[str, tuple[object, object]]:
    """Lists the settings that had other values when a stage ran: by dvc.lock, and now.

    Args:
        params: content of params.yaml.
        lock: content of dvc.lock; {} where there is none, and nothing can be told.
    """
    outdated, present = {}, flatten(params)
    for stage in lock["stages"].values() if "stages" in lock else []:
        if "params" in stage:
            # By section, "image", or by setting, "data.seed".
            used = stage["params"]["params.yaml"]
            now = {key: value for key, value in present.items() if is_part(key, used)}
            outdated |= list_differing(flatten(used), now)
    # On how many cores changes no figure.
    return {key: values for key, values in outdated.items() if not is_part(key, ["execution"])}


def is_part(key: str, names: Iterable[str]) -> bool:
    """Tells whether a dotted key is one of these, or of a section among them."""
    return any(f"{key}.".startswith(f"{name}.") for name in names)
