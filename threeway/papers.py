"""What a paper published, as data: papers/*.yaml, checked against a schema."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from threeway.errors import InputError


def check_figure(text: str) -> str:
    """Makes sure that a figure is a number as printed, perhaps in percent."""
    try:
        Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        raise ValueError(
            f"expected a number in quotes, such as '0.9502' or '94.00 %': {text!r}"
        ) from None
    return text


# A string: "0.950" and "0.95" are rounded differently.
Figure = Annotated[str, AfterValidator(check_figure)]


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Scores(Record):
    precision: Figure | None = None
    recall: Figure | None = None
    f1: Figure | None = None


class ScoreTable(Record):
    where: str
    classes: dict[str, Scores]
    macro: Scores = Scores()
    weighted: Scores = Scores()


class Accuracy(Record):
    of: str
    split: str
    value: Figure
    where: str


class Gain(Record):
    to: str
    over: str
    points: Figure
    # The split whose accuracies the gain is said to be between.
    cites: str
    where: str


class ConfusionRow(Record):
    images: int | None = None
    called: dict[str, int]


class Confusion(Record):
    where: str
    # Whose accuracy, on which split, these counts should give.
    of: str
    split: str
    rows: dict[str, ConfusionRow]


class Dense(Record):
    inputs: int
    outputs: int


class Layers(Record):
    where: str
    dense: list[Dense]
    backbone: int
    total: int
    trainable: int


class Setting(Record):
    name: str
    # What is printed, and where.
    values: Annotated[dict[str, str], Field(min_length=1)]


class SplitUse(Record):
    images: str
    uses: Annotated[list[str], Field(min_length=1)]
    where: str


class Paper(Record):
    citation: str
    task: str
    classes: list[str] = []
    num_classes: int | None = None
    test_images: int | None = None
    scores: list[ScoreTable] = []
    accuracies: list[Accuracy] = []
    gains: list[Gain] = []
    confusion: Confusion | None = None
    layers: Layers | None = None
    settings: list[Setting] = []
    splits: list[SplitUse] = []

    @model_validator(mode="after")
    def names_known_classes(self) -> "Paper":
        tables = [list(table.classes) for table in self.scores]
        tables += [list(self.confusion.rows)] if self.confusion else []
        for name in (name for table in tables for name in table):
            if name not in self.classes:
                raise ValueError(f"{name!r} is no class of {self.classes}")
        return self


def read_paper(path: Path) -> Paper:
    """Reads what a paper published.

    Raises:
        InputError: the file is not as the schema says; names each key.
    """
    try:
        return Paper.model_validate(YAML(typ="safe").load(path))
    except YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, problem['loc'])) or 'paper'}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise InputError("\n  ".join([f"{path} is not a paper's record:", *lines])) from None
