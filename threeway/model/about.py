"""What a model that one takes home says of itself: card.json, beside it and in its LiteRT files. No
TensorFlow.
"""

import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from threeway.errors import InputError
from threeway.model.card import Card
from threeway.processor import list_versions, name_processor
from threeway.settings import Image, Section

# What is in data/model/: for Keras, for LiteRT, and what tells which images are unlike all others.
KERAS, LITERT, NOVELTY = "model.keras", "model.tflite", "novelty.tflite"
# What is appended to a LiteRT file, as a zip; the card lies beside it too.
LABELS, CARD = "labels.txt", "card.json"


class Expected(Section):
    """What a model of this kind did on images that it had not seen: by the comparison's networks,
    each trained on a part of the images.

    Attributes:
        split: whose images these were: "test" or, while settings are being chosen, "val".
        folds: into how many the images were divided; 1 where some were kept for testing alone.
        images: how many.
        accuracy, accuracy_low, accuracy_high: with its 95 % interval.
        calibration_error: of the probabilities as the model gives them; None where it is not known.
        classes: of each class: class, images, recall, recall_low, recall_high and precision.
    """

    split: str
    folds: int
    images: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    calibration_error: float | None
    classes: list[dict[str, Any]]


class Unlike(Section):
    """When an image is called unlike anything that a model was trained on.

    Attributes:
        distance: beyond which it is.
        wanted: share of images of its own kind, not seen in training, that are called so.
        false_alarms: the same of each class.
    """

    distance: float
    wanted: float
    false_alarms: dict[str, float]


class About(Section):
    """A model's description.

    Attributes:
        made_by: threeway.
        data: the name and digest of what it was trained on.
        scenario: how it was trained.
        recommended: whether the verdict says to use it.
        classes: class names, in the order of its outputs.
        image: resolution, fit and pixel_range: what is made of a file before the network sees it.
        settings: the sections of params.yaml that it was trained with, by name.
        best_epoch: the one whose weights it has, counted from 1.
        num_train, num_val: images that it learnt from, and that chose its epoch.
        train_classes: of both together, by class.
        expected: what to expect of it.
        temperature: that its probabilities were calibrated with.
        unlike: when an image is unlike these.
        backbone: of MobileNetV2's weights, what params.yaml says; None for a CNN from scratch.
        versions: of what it was trained with, and the processor.
    """

    made_by: str
    data: dict[str, str]
    scenario: str
    recommended: bool
    classes: list[str]
    image: Image
    settings: dict[str, dict[str, Any]]
    best_epoch: int
    num_train: int
    num_val: int
    train_classes: dict[str, int]
    expected: Expected
    temperature: float
    unlike: Unlike
    backbone: str | None
    versions: dict[str, str]


def describe_model(
    card: Card,
    source: dict,
    backbone: str,
    counts: dict[str, int],
    evidence: dict,
    trust: dict,
    classes: pd.DataFrame,
    unlike: Unlike,
) -> About:
    """Describes a model that was trained on all images.

    Args:
        card: of its run.
        source: content of source.json.
        backbone: what params.yaml says of its weights.
        counts: images by class.
        evidence: content of metrics/comparison.json, where the scenario is one of those compared.
        trust: content of metrics/trust.json.
        classes: metrics/classes.csv.
        unlike: when an image is unlike these.
    """
    settings = card.restore_settings()
    calibration = trust["calibrations"][card.scenario]
    return About(
        made_by="threeway",
        data={"name": source["name"], "sha256": source["sha256"]},
        scenario=card.scenario,
        recommended=evidence["verdict"]["choice"] == card.scenario,
        classes=card.classes,
        image=settings.image,
        settings=card.settings,
        best_epoch=card.best_epoch,
        num_train=card.num_train,
        num_val=card.num_val,
        train_classes=counts,
        expected=expect(evidence, classes, card.scenario, calibration["error_after"]),
        temperature=calibration["temperature"],
        unlike=unlike,
        backbone=None if card.scenario == "baseline_cnn" else backbone,
        versions=list_versions() | {"processor": name_processor()},
    )


def expect(
    evidence: dict, classes: pd.DataFrame, scenario: str, calibration_error: float | None
) -> Expected:
    """Says what a scenario's networks did on images that they had not seen."""
    row = evidence["scenarios"][scenario]
    own = classes[classes["scenario"] == scenario].drop(columns=["scenario", "f1"])
    return Expected(
        split=evidence["split"],
        folds=row["folds"],
        images=row["images"],
        accuracy=row["accuracy"],
        accuracy_low=row["accuracy_low"],
        accuracy_high=row["accuracy_high"],
        calibration_error=calibration_error,
        classes=own.astype(object).where(own.notna(), None).to_dict("records"),
    )


def read_attached(path: Path) -> About:
    """Reads the card in a LiteRT file.

    Raises:
        InputError: there is no such file, it has no card, or one of another version.
    """
    if not path.is_file():
        raise InputError(
            f"there is no model at {path}; run 'dvc repro refit', with refit.scenario in "
            "params.yaml another than none"
        )
    try:
        with zipfile.ZipFile(path) as attached:
            return About.model_validate_json(attached.read(CARD))
    except (zipfile.BadZipFile, KeyError, ValidationError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path} has no card that can be read ({reason}); it is damaged, or not made by this "
            "version of threeway: run 'dvc repro refit'"
        ) from error
