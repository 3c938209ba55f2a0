"""What a trained model says of itself, beside its weights: all that it takes to use it. No
TensorFlow.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from threeway.errors import InputError
from threeway.records import digest_file, read_json, write_json
from threeway.run import Run
from threeway.settings import Section, Settings, restore_settings

CARD, WEIGHTS = "card.json", "model.weights.h5"


class Card(Section):
    """A trained model's description.

    Attributes:
        scenario, fold, seed, share: the run that trained it.
        classes: class names, in the order of its outputs.
        settings: the sections of params.yaml that it was trained with, by name.
        best_epoch: the one whose weights it has, counted from 1.
        num_train, num_val: images that it learnt from, and that chose its epoch.
        images_sha256: of both: which they were, their classes and splits.
        backbone_sha256: of the file with the backbone's weights, where its own are not all.
        weights_sha256: of the file with its own weights.
    """

    scenario: str
    fold: int
    seed: int
    share: float
    classes: list[str]
    settings: dict[str, dict[str, Any]]
    best_epoch: int
    num_train: int
    num_val: int
    images_sha256: str
    backbone_sha256: str | None
    weights_sha256: str

    @property
    def run(self) -> Run:
        return Run(self.scenario, self.fold, self.seed, self.share)

    def check_images(self, digest: str, stage: str) -> None:
        """Makes sure that the model learnt from these images, divided so.

        Args:
            digest: of train and val of its fold, as the dataset has it.
            stage: that trains such models.

        Raises:
            InputError: it learnt from others.
        """
        if digest != self.images_sha256:
            raise InputError(
                f"{self.scenario}, {self.run.name}, learnt from other images than those that now "
                f"are for training; run 'dvc repro {stage}'"
            )

    def restore_settings(self) -> Settings:
        """Restores the sections that it was trained with."""
        return restore_settings(self.settings)


def write_card(folder: Path, card: Card) -> None:
    write_json(folder / CARD, card.model_dump())


def read_card(folder: Path) -> Card:
    """Reads a model's card, and makes sure that the weights beside it are the ones it is of.

    Args:
        folder: of the model.

    Raises:
        InputError: there is no model, or one of its files is damaged.
    """
    if not (folder / CARD).is_file():
        raise InputError(f"there is no trained model in {folder}; run 'dvc repro'")
    try:
        card = Card.model_validate(read_json(folder / CARD))
        card.restore_settings()
    except (ValueError, ValidationError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{folder / CARD} is damaged, or of another version of threeway ({reason}); remove "
            f"{folder}, then run 'dvc repro'"
        ) from error
    weights = folder / WEIGHTS
    if not weights.is_file() or digest_file(weights) != card.weights_sha256:
        raise InputError(
            f"{weights} is not the file that its card describes; remove {folder}, then run "
            "'dvc repro'"
        )
    return card
