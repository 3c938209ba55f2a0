"""What a paper published, as data, and how to run it: papers/*.yaml, checked against a schema."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from threeway.errors import InputError
from threeway.scenarios import SCENARIOS
from threeway.settings import (
    Augmentation,
    BaselineCNN,
    FeatureExtraction,
    Features,
    FineTuning,
    Fractions,
    Image,
    NonNegativeInt,
    PositiveInt,
    Settings,
    TrainingRecipe,
    flatten,
    suggest,
)
from threeway.splits import SPLITS

PAPERS = Path("papers")


def check_figure(text: str) -> str:
    """Makes sure that a figure is a number as printed, perhaps in percent."""
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"expected a number in quotes, such as '0.9502' or '94.00 %': {text!r}")
    return text


# A string: "0.950" and "0.95" are rounded differently.
Figure = Annotated[str, AfterValidator(check_figure)]
Split = Literal[SPLITS]
# What a table of scores may print of each class.
METRICS = ("precision", "recall", "f1")


def read_figure(figure: Figure) -> tuple[Decimal, Decimal]:
    """Reads a printed figure: its value, and half a unit of its last digit; percent as shares."""
    value = Decimal(figure.removesuffix("%").strip())
    scale = Decimal("0.01") if figure.endswith("%") else Decimal(1)
    half = Decimal(1).scaleb(value.as_tuple().exponent) / 2
    return value * scale, half * scale


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Scores(Record):
    precision: Figure | None = None
    recall: Figure | None = None
    f1: Figure | None = None


class ScoreTable(Record):
    where: str
    # Whose scores these are, if the paper has several models.
    of: str | None = None
    classes: dict[str, Scores]
    macro: Scores = Scores()
    weighted: Scores = Scores()


class Accuracy(Record):
    of: str
    split: str
    value: Figure
    where: str
    # Which of our splits this stands beside, where that is not the one it is called by.
    beside: Split | None = None


class Gain(Record):
    to: str
    over: str
    points: Figure
    # The split whose accuracies the gain is said to be between.
    cites: str
    where: str


class ConfusionRow(Record):
    images: PositiveInt | None = None
    called: dict[str, NonNegativeInt]

    @model_validator(mode="after")
    def has_images(self) -> Self:
        if not self.images and not sum(self.called.values()):
            raise ValueError("a class has no image")
        return self


class Confusion(Record):
    where: str
    # Whose accuracy, on which split, these counts should give.
    of: str
    split: str
    rows: Annotated[dict[str, ConfusionRow], Field(min_length=1)]


class Dense(Record):
    inputs: int
    outputs: int


class Layers(Record):
    where: str
    dense: Annotated[list[Dense], Field(min_length=1)]
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


class PixelRange(Record):
    # What the paper feeds to MobileNetV2.
    range: list[int]
    where: str


class PresetData(Record):
    folds: PositiveInt
    repeats: PositiveInt
    fractions: Fractions


class Preset(Record):
    """The sections of params.yaml that make the paper's experiment, each of them whole.

    What belongs to the user stays: images, seeds, machine, weights.
    """

    data: PresetData
    image: Image
    augmentation: Augmentation
    features: Features
    training: TrainingRecipe
    baseline_cnn: BaselineCNN
    feature_extraction: FeatureExtraction
    fine_tuning: FineTuning


class Paper(Record):
    citation: str
    task: str
    # What the paper calls its models, and which scenario each of them is.
    models: dict[str, Literal[SCENARIOS]] = {}
    params: Preset | None = None
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
    pixels: PixelRange | None = None

    @model_validator(mode="after")
    def names_known_classes(self) -> "Paper":
        tables = [list(table.classes) for table in self.scores]
        tables += [list(self.confusion.rows)] if self.confusion else []
        for name in (name for table in tables for name in table):
            if name not in self.classes:
                raise ValueError(f"{name!r} is no class of {self.classes}")
        return self


def list_deviations(paper: Paper, settings: Settings) -> list[str]:
    """Lists the settings that are not what the paper's preset asks for: each with both values."""
    if paper.params is None:
        return []
    asked, found = (flatten(section.model_dump()) for section in (paper.params, settings))
    deviations = [
        f"{key}: {found[key]} (the paper's: {value})"
        for key, value in asked.items()
        if found[key] != value
    ]
    trials = settings.tuning.trials
    tuned = [f"tuning.trials: {trials} (the paper's recipe is the first)"] if trials else []
    return [*deviations, *tuned]


def describe_paper(paper: Paper, settings: Settings) -> dict:
    """Describes the active paper: its name, its citation and what deviates from its preset."""
    return {
        "name": settings.paper,
        "citation": paper.citation,
        "deviations": list_deviations(paper, settings),
    }


def find_paper(name: str) -> Path:
    """Finds a paper's record by its name.

    Raises:
        InputError: there is none; names those there are.
    """
    path = PAPERS / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in PAPERS.glob("*.yaml"))
        raise InputError(
            f"there is no paper {name!r} in {PAPERS}/, only "
            f"{', '.join(known)}{suggest(name, known)}"
        )
    return path


def read_active(name: str) -> Paper | None:
    """Reads the record that `paper` in params.yaml names; None if that is "none"."""
    return None if name == "none" else read_paper(find_paper(name))


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
