"""params.yaml, read and checked as a whole: a typo anywhere stops every stage at its start."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from threeway.errors import InputError
from threeway.mobilenet import LAST_CONVOLUTION, LAYER_NAMES
from threeway.scenarios import SCENARIOS

Fraction = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveInt = Annotated[int, Field(gt=0)]
NonNegativeInt = Annotated[int, Field(ge=0)]
LearningRate = Annotated[float, Field(gt=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Name = Annotated[str, Field(min_length=1)]


Value = TypeVar("Value")


class Section(BaseModel):
    # Strict: "12" is no number and 1.0 no count, since DVC would store and compare them as such.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def check_distinct(values: list) -> list:
    """Makes sure that no value stands in a list twice."""
    if len(set(values)) < len(values):
        raise ValueError(f"{values} names one twice, expected different ones")
    return values


class Fractions(Section):
    train: Annotated[float, Field(gt=0, lt=1)]
    val: Annotated[float, Field(gt=0, lt=1)]
    test: Annotated[float, Field(gt=0, lt=1)]


class Columns(Section):
    path: Name
    class_: Annotated[Name, Field(alias="class")]
    split: Name
    group: Name


class Data(Section):
    source: Name
    layout: str
    table: Name
    columns: Columns
    group: Name
    division: Literal["keep", "complete", "dissolve"]
    folds: PositiveInt
    repeats: PositiveInt
    fractions: Fractions
    near_copy_distance: Annotated[int, Field(ge=0, le=32)]
    burst_correlation: Annotated[float, Field(ge=0.2, le=1)]
    seed: Seed

    @field_validator("fractions")
    @classmethod
    def sums_to_one(cls, fractions: Fractions) -> Fractions:
        total = fractions.train + fractions.val + fractions.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, val and test sum to {total:g}, expected 1")
        return fractions

    @field_validator("layout")
    @classmethod
    def names_levels(cls, layout: str) -> str:
        levels = layout.split("/")
        known = set(levels) <= {"split", "class", "group", "*"}
        once = levels.count("class") == 1 and max(levels.count("split"), levels.count("group")) < 2
        if layout != "auto" and not (known and once):
            raise ValueError(
                f"found {layout!r}, expected auto, or levels of folders such as class, "
                "split/class, class/group or '*/class': one class, at most one split and group"
            )
        return layout

    @field_validator("group")
    @classmethod
    def is_a_pattern(cls, group: str) -> str:
        try:
            re.compile(group)
        except re.error as error:
            raise ValueError(
                f"found {group!r}, which is no regular expression ({error}), expected one, or none"
            ) from error
        return group

    @model_validator(mode="after")
    def says_each_thing_once(self) -> Self:
        by_table = self.table != "none"
        if by_table and self.layout != "auto":
            raise ValueError(
                f"layout is {self.layout!r}, but with a table the folders say nothing; set layout "
                "to auto, or table to none"
            )
        for name in ("split", "group"):
            column = getattr(self.columns, name)
            if not by_table and column != "none":
                raise ValueError(
                    f"columns.{name} is {column!r}, but there is no table; set table to a CSV, or "
                    f"columns.{name} to none"
                )
        ways = {
            "group": self.group != "none",
            "columns.group": self.columns.group != "none",
            "layout": "group" in self.layout.split("/"),
        }
        named = [way for way, used in ways.items() if used]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} both name groups; keep one of them")
        return self

    @model_validator(mode="after")
    def repeats_folds(self) -> Self:
        if self.folds == 1 and self.repeats > 1:
            raise ValueError(
                f"repeats is {self.repeats}, but one fold is one division; set folds to 5, or "
                "repeats to 1"
            )
        return self


class Image(Section):
    resolution: Annotated[int, Field(ge=32, le=1024)]
    fit: Literal["stretch", "crop", "pad"]
    pixel_range: list[int]

    @field_validator("pixel_range")
    @classmethod
    def is_known(cls, pixel_range: list[int]) -> list[int]:
        if pixel_range not in ([-1, 1], [0, 1]):
            raise ValueError(f"found {pixel_range}, expected [-1, 1] or [0, 1]")
        return pixel_range


class Augmentation(Section):
    rotation: Annotated[float, Field(ge=0, le=180)]
    shift: Fraction
    shear: Annotated[float, Field(ge=0, lt=90)]
    zoom: Fraction
    flip: Literal["none", "horizontal", "vertical", "both"]
    contrast: Fraction
    fill: Literal["nearest", "reflect", "constant"]


class Backbone(Section):
    weights: Annotated[str, Field(min_length=1)]


class Features(Section):
    views: NonNegativeInt
    seed: Seed


class Machine(Section):
    threads: PositiveInt


class TrainingRecipe(Section):
    augmented_share: Share
    batch_size: PositiveInt
    class_weights: Literal["none", "balanced"]
    plateau_factor: Annotated[float, Field(gt=0, lt=1)]


class Training(TrainingRecipe):
    seeds: Annotated[list[Seed], Field(min_length=1)]

    @field_validator("seeds")
    @classmethod
    def differ(cls, seeds: list[int]) -> list[int]:
        # In order, so that the first is the same wherever it alone counts.
        return sorted(check_distinct(seeds))


class Scenario(Section):
    epochs: PositiveInt
    learning_rate: LearningRate
    early_stopping_patience: NonNegativeInt
    plateau_patience: NonNegativeInt


class BaselineCNN(Scenario):
    filters: Annotated[list[PositiveInt], Field(min_length=1, max_length=5)]
    dense_units: PositiveInt
    dropout: Fraction


class FeatureExtraction(Scenario):
    hidden_units: NonNegativeInt
    dropout: Fraction


class FineTuning(Scenario):
    unfreeze_from: str
    views: NonNegativeInt

    @field_validator("unfreeze_from")
    @classmethod
    def is_a_layer(cls, name: str) -> str:
        return check_layer(name)


def check_layer(name: str) -> str:
    """Makes sure that MobileNetV2 can be trained from a layer on: there is a convolution in it, or
    behind.
    """
    # The first is the input; normalisations are never trained.
    last = LAYER_NAMES.index(LAST_CONVOLUTION)
    layers = LAYER_NAMES[1 : last + 1]
    if name in LAYER_NAMES[last + 1 :]:
        raise ValueError(
            f"found {name!r}, behind which MobileNetV2 has no convolution to train, expected "
            f"{LAST_CONVOLUTION!r} or a layer before it"
        )
    if name not in layers:
        raise ValueError(f"MobileNetV2 has no layer {name!r}{suggest(name, layers)}")
    return name


class Range(Section, Generic[Value]):
    """All values between two."""

    low: Value
    high: Value

    @classmethod
    def model_parametrized_name(cls, params: tuple[type, ...]) -> str:
        return "Range"

    @model_validator(mode="after")
    def rises(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low is {self.low} and high {self.high}, expected a higher one")
        return self

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


# Some values in their order.
Choices = Annotated[list[Value], Field(min_length=1), AfterValidator(check_distinct)]


def range_or_choices(kind: type) -> object:
    """Makes the type of what is a range or a list; what is wrong with it is told as of the one that
    it looks like.
    """
    either = Annotated[Range[kind], Tag("[range]")] | Annotated[Choices[kind], Tag("[list]")]
    return Annotated[either, Discriminator(name_form)]


def name_form(found: object) -> str:
    return "[list]" if isinstance(found, list) else "[range]"


class BaselineCNNRanges(Section):
    learning_rate: range_or_choices(LearningRate)
    dropout: range_or_choices(Fraction)
    dense_units: Choices[PositiveInt]


class FeatureExtractionRanges(Section):
    learning_rate: range_or_choices(LearningRate)
    dropout: range_or_choices(Fraction)
    hidden_units: Choices[NonNegativeInt]


class FineTuningRanges(Section):
    learning_rate: range_or_choices(LearningRate)
    unfreeze_from: Choices[Annotated[str, AfterValidator(check_layer)]]


class Tuning(Section):
    trials: NonNegativeInt
    augmented_share: range_or_choices(Share)
    baseline_cnn: BaselineCNNRanges
    feature_extraction: FeatureExtractionRanges
    fine_tuning: FineTuningRanges

    @field_validator("trials")
    @classmethod
    def search(cls, trials: int) -> int:
        if trials == 1:
            raise ValueError(
                "found 1, which would try the recipe as it is written and nothing else; set 0 for "
                "that, 12 for a search"
            )
        return trials


class LearningCurve(Section):
    shares: list[Annotated[float, Field(gt=0, lt=1)]]
    scenarios: list[Literal["baseline_cnn", "feature_extraction", "fine_tuning"]]

    @field_validator("shares", "scenarios")
    @classmethod
    def differ(cls, values: list) -> list:
        return check_distinct(values)

    @model_validator(mode="after")
    def has_heads(self) -> Self:
        if "fine_tuning" in self.scenarios and "feature_extraction" not in self.scenarios:
            raise ValueError(
                "scenarios has fine_tuning, which starts from the heads of feature_extraction; add "
                "that as well"
            )
        return self


class Refit(Section):
    scenario: Literal["recommended", "none", "baseline_cnn", "feature_extraction", "fine_tuning"]
    false_alarms: Annotated[float, Field(gt=0, le=0.5)]


# What a network can be exported as, the largest first.
EXPORTS = ("float32", "float16", "int8")


class Export(Section):
    formats: list[Literal[EXPORTS]]

    @field_validator("formats")
    @classmethod
    def has_float32(cls, formats: list[str]) -> list[str]:
        if formats and "float32" not in formats:
            raise ValueError(
                f"found {formats}, expected float32 among them: it proves that a network is "
                "converted right, before others are compared with it"
            )
        return check_distinct(formats)


class Execution(Section):
    workers: PositiveInt | Literal["auto"]
    cluster: Name

    @field_validator("workers", mode="before")
    @classmethod
    def is_number(cls, workers: object) -> object:
        # Said once, and not for a number and for a word.
        if workers != "auto" and not (type(workers) is int and workers > 0):
            raise ValueError(f"found {workers!r}, expected auto or a number from 1 on")
        return workers


class Verdict(Section):
    margin: Annotated[float, Field(gt=0, lt=1)]
    cost: Literal["training", "running"]


class Evaluation(Section):
    split: Literal["test", "val"]


class Settings(Section):
    paper: Annotated[str, Field(pattern=r"^[\w-]+$")]
    data: Data
    image: Image
    augmentation: Augmentation
    backbone: Backbone
    features: Features
    machine: Machine
    execution: Execution
    training: Training
    evaluation: Evaluation
    verdict: Verdict
    baseline_cnn: BaselineCNN
    feature_extraction: FeatureExtraction
    fine_tuning: FineTuning
    tuning: Tuning
    learning_curve: LearningCurve
    refit: Refit
    export: Export

    @model_validator(mode="after")
    def begins_within_ranges(self) -> Self:
        """The first trial is the recipe as it is written, and belongs to what is searched."""
        if not self.tuning.trials:
            return self
        outside = [
            f"{name} is {self.get(name)!r}"
            for scenario in SCENARIOS
            for name, values in self.list_ranges(scenario).items()
            if self.get(name) not in values
        ]
        if outside:
            raise ValueError(
                f"{', '.join(dict.fromkeys(outside))}, which the ranges of tuning leave out; widen "
                "them, or set tuning.trials to 0"
            )
        return self

    def get(self, name: str) -> object:
        """Gets a setting by its dotted name."""
        section, _, key = name.partition(".")
        return getattr(getattr(self, section), key)

    def list_ranges(self, scenario: str) -> dict[str, Range | list]:
        """Lists what a scenario's trials may choose, by the setting's dotted name.

        Args:
            scenario: whose section of `tuning` is there.
        """
        own = dict(getattr(self.tuning, scenario))
        ranges = {f"{scenario}.{key}": values for key, values in own.items()}
        return ranges | {"training.augmented_share": self.tuning.augmented_share}

    def replace(self, values: dict[str, object]) -> Self:
        """Sets some settings, by their dotted names, to other values."""
        changed: dict[str, dict] = {}
        for name, value in values.items():
            section, _, key = name.partition(".")
            changed.setdefault(section, {})[key] = value
        return self.model_copy(
            update={
                section: getattr(self, section).model_copy(update=update)
                for section, update in changed.items()
            }
        )

    def drop(self, section: str) -> Self:
        """Leaves a section out."""
        return Settings.model_construct(**{name: part for name, part in self if name != section})


# What the comparison may depend on. How it is executed is no such thing: no stage declares that
# section, and none runs again when it changes; nor is what is made of its winner.
INDECISIVE = ("execution", "refit", "export")
DECISIVE = [name for name in Settings.model_fields if name not in INDECISIVE]


def load_settings(*keys: str, path: str | Path = "params.yaml") -> Settings:
    """Reads params.yaml, checks all of it, and returns what a stage declares in dvc.yaml.

    Reading a setting that was not asked for fails, so that no stage can depend on one without DVC
    knowing.

    Args:
        *keys: sections ("image") or, of one that others need in part, settings ("data.seed").
        path: of the file.

    Raises:
        InputError: a key is unknown or missing, or a value is not what is expected. The
            message has one line for each such key.
    """
    content = read_sections(path)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        lines = [describe_problem(problem) for problem in error.errors()]
        raise InputError("\n  ".join([f"{path} is not valid:", *lines])) from None
    return pick(settings, keys)


def read_sections(path: str | Path) -> dict[str, object]:
    """Reads a params.yaml, whatever its sections hold.

    Raises:
        InputError: there is none, or it is not YAML of sections.
    """
    try:
        content = YAML(typ="safe").load(Path(path))
    except FileNotFoundError:
        raise InputError(f"there is no {path} here; run this in the checkout") from None
    except YAMLError as error:
        raise InputError(
            f"{path} is not valid YAML: {error}\n  (what holds * \\ : or # needs single quotes)"
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"{path} holds {type(content).__name__}, expected named sections")
    return content


def pick(settings: Settings, keys: Sequence[str]) -> Settings:
    """Leaves nothing of settings but sections, and settings of sections, that are named."""
    parts: dict[str, list[str]] = {}
    for key in keys:
        section, _, name = key.partition(".")
        parts.setdefault(section, []).append(name)
    picked = {}
    for section, names in parts.items():
        whole = getattr(settings, section)
        some = {name: getattr(whole, name) for name in names if name}
        picked[section] = type(whole).model_construct(**some) if some else whole
    return Settings.model_construct(**picked)


def restore_settings(content: dict[str, dict]) -> Settings:
    """Restores sections from what model_dump makes of them.

    Args:
        content: by the name of the section.

    Raises:
        KeyError: there is no such section.
        ValidationError: a section is not as expected.
    """
    sections = {
        name: Settings.model_fields[name].annotation.model_validate(section)
        for name, section in content.items()
    }
    return Settings.model_construct(**sections)


def describe_problem(problem: dict) -> str:
    """Makes one line of one pydantic error: the key, what was found, what was expected."""
    # What may be a range or a list is called by its type as well.
    key = ".".join(part for part in map(str, problem["loc"]) if "[" not in part)
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key{suggest(key, known_keys(Settings))}"
    if problem["type"] == "missing":
        return f"{key}: missing, expected a value"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "literal_error":
        choices = [choice.strip("' ") for choice in problem["ctx"]["expected"].split(" or ")]
        choices = [part.strip("' ") for choice in choices for part in choice.split(",")]
        message += suggest(str(problem["input"]), choices)
    if problem["type"] == "model_type" and problem["ctx"]["class_name"] == "Range":
        return (
            f"{key}: found {problem['input']!r}, expected a range, {{low: …, high: …}}, or a list"
        )
    if problem["type"] == "value_error":
        # What several sections say together has no key of its own.
        return f"{key}: {message}" if key else message
    return f"{key}: found {problem['input']!r}. {message}"


def known_keys(section: type[BaseModel], prefix: str = "") -> list[str]:
    """Lists every dotted key of params.yaml."""
    keys = []
    for attribute, field in section.model_fields.items():
        name = field.alias or attribute
        keys.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys += known_keys(field.annotation, f"{prefix}{name}.")
    return keys


def flatten(content: dict, prefix: str = "") -> dict[str, object]:
    """Makes dotted keys of nested ones: value by key."""
    flat = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return flat


def drop_sections(text: str) -> str:
    """Drops what no comparison depends on from the text of a params.yaml, with its comments."""
    for name in INDECISIVE:
        text = re.sub(rf"^(?:#.*\n)*{name}:\n(?: .*\n|\n)*", "", text, flags=re.MULTILINE)
    return text


def suggest(found: str, expected: list[str]) -> str:
    """Words the nearest right name, if there is one near enough to be meant."""
    nearest = difflib.get_close_matches(found, expected, n=1, cutoff=0.6)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
