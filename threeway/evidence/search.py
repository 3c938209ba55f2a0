"""What tuning tried, found and gained, from the table of trials and the answers as written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions, read_predictions, take_seed
from threeway.evidence.uncertainty import (
    DIFFERENCE_RANGE,
    bound_difference,
    estimate_mean,
    score_answers,
)
from threeway.evidence.wording import points
from threeway.run import AS_WRITTEN
from threeway.settings import Range, Settings

# Of a range, how near to an end a value is at it.
EDGE = 0.05
# Values beyond which there is nothing to try.
NATURAL_ENDS = {"augmented_share": (0, 1), "dropout": (0,), "hidden_units": (0,)}
# Trials that cost little: how much of the gain is theirs.
FIRST_TRIALS = 4


@dataclass(frozen=True)
class Choice:
    """What the folds chose of one setting.

    Attributes:
        name: of the setting, dotted.
        written: its value in the recipe as it is written.
        values: of each fold.
        at_low, at_high: in how many folds that is an end of the range that could be moved.
    """

    name: str
    written: object
    values: list[object]
    at_low: int
    at_high: int


@dataclass(frozen=True)
class Search:
    """What tuning did for one scenario.

    Attributes:
        scenario: its name.
        trials: in each fold.
        given_up: of all folds' trials, those that were ended before their time.
        epochs: that all trials took.
        kept_written: folds in which no trial was better than the recipe as it is written.
        written: accuracy of that recipe, on the images that scenarios are judged by; None where
            these are not those for testing.
        gain: in accuracy, of tuning over it.
        low, high: its 95 % interval.
        first_share: of the fall of the lowest loss on val, over all trials, what the first ones
            brought; None where there is none, or no more trials than these.
        choices: of each setting.
    """

    scenario: str
    trials: int
    given_up: int
    epochs: int
    kept_written: int
    written: float | None
    gain: float | None
    low: float | None
    high: float | None
    first_share: float | None
    choices: list[Choice]


def summarise_searches(
    trials: pd.DataFrame,
    folders: dict[str, Path],
    judged: dict[str, Predictions],
    settings: Settings,
) -> list[Search]:
    """Summarises what tuning did for each scenario; nothing where there were no trials.

    Args:
        trials: of tuning.csv.
        folders: under metrics/, by scenario.
        judged: answers of the split that scenarios are judged by, by scenario.
        settings: tuning, and evaluation.
    """
    looked_at = settings.evaluation.split == "test"
    searches = []
    for name, rows in trials.groupby("scenario", sort=False):
        written = read_predictions(folders[name] / AS_WRITTEN, "test") if looked_at else None
        ranges = settings.list_ranges(name)
        searches.append(summarise_search(rows, ranges, judged[name], written))
    return searches


def summarise_search(
    trials: pd.DataFrame,
    ranges: dict[str, Range | list],
    tuned: Predictions,
    written: Predictions | None,
) -> Search:
    """Summarises what tuning did for a scenario.

    Args:
        trials: its rows of tuning.csv.
        ranges: what each setting could be, by its dotted name.
        tuned: its answers.
        written: those of the recipe as it is written, by the first seed's runs.
    """
    gained = measure_gain(tuned, written) if written else (None, None, None)
    chosen = trials[trials["chosen"]]
    first = trials[trials["trial"] == 1]
    return Search(
        scenario=trials["scenario"].iloc[0],
        trials=int(trials["trial"].max()),
        given_up=int(trials["given_up"].sum()),
        epochs=int(trials["epochs"].sum()),
        kept_written=int((chosen["trial"] == 1).sum()),
        written=float(written.correct.mean()) if written else None,
        gain=gained[0],
        low=gained[1],
        high=gained[2],
        first_share=share_first(follow_best(trials)),
        choices=[
            describe_choice(name, first[name].iloc[0], list(chosen[name]), values)
            for name, values in ranges.items()
        ],
    )


def measure_gain(tuned: Predictions, written: Predictions) -> tuple[float, float, float]:
    """Measures by how much more often tuned runs are right than those of the recipe as written, on
    the same images and of the same seed: (gain, low, high).
    """
    same = take_seed(tuned, int(written.seeds[0]))
    values = same.correct.astype(np.float64) - written.correct
    estimate = estimate_mean(score_answers(values, written, DIFFERENCE_RANGE))
    return estimate.mean, *bound_difference(estimate)


def follow_best(trials: pd.DataFrame) -> pd.Series:
    """Follows the lowest loss on val so far over the trials of a scenario: mean over folds, by
    trial, from 1.

    Args:
        trials: of one scenario.
    """
    ended = trials.assign(val_loss=trials["val_loss"].where(~trials["given_up"], math.inf))
    by_fold = ended.pivot(index="trial", columns="fold", values="val_loss").sort_index()
    return by_fold.cummin().mean(axis=1)


def share_first(losses: pd.Series) -> float | None:
    """Says what share of a loss's fall came within the first trials.

    Args:
        losses: the lowest so far, by trial.
    """
    fall = losses.iloc[0] - losses.iloc[-1]
    if len(losses) <= FIRST_TRIALS or fall <= 0:
        return None
    return float((losses.iloc[0] - losses.iloc[FIRST_TRIALS - 1]) / fall)


def describe_choice(name: str, written: object, values: list, allowed: Range | list) -> Choice:
    """Describes what the folds chose of a setting, and how often that was an end of its range."""
    natural = NATURAL_ENDS.get(name.partition(".")[2], ())
    if isinstance(allowed, list) and not any(isinstance(value, str) for value in allowed):
        allowed = sorted(allowed)
    ends = (allowed[0], allowed[-1]) if isinstance(allowed, list) else (allowed.low, allowed.high)
    places = [place(name, value, allowed) for value in values]
    at_low = sum(where <= EDGE for where in places) if ends[0] not in natural else 0
    at_high = sum(where >= 1 - EDGE for where in places) if ends[1] not in natural else 0
    return Choice(name, to_plain(written), [to_plain(value) for value in values], at_low, at_high)


def place(name: str, value: object, allowed: Range | list) -> float:
    """Says where in its range a value lies: from 0 to 1. Of fewer than three values none is at an
    end: 0.5.
    """
    if isinstance(allowed, list):
        return allowed.index(to_plain(value)) / (len(allowed) - 1) if len(allowed) > 2 else 0.5
    scale = math.log if name.endswith("learning_rate") else float
    low, high = scale(allowed.low), scale(allowed.high)
    return (scale(value) - low) / (high - low)


def to_plain(value: object) -> object:
    """Makes a number of Python's of one of NumPy's, and a whole one an integer."""
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() else float(value)


def count_trials(searches: Sequence[Search]) -> int:
    """Counts the trials of each scenario in each fold: as many for all."""
    return searches[0].trials if searches else 0


def describe_searches(searches: Sequence[Search]) -> list[str]:
    """Says how scenarios were tuned, and what each gained by it."""
    if not searches:
        return []
    told = (
        f"Each scenario was tuned with {searches[0].trials} trials in each fold, on the images for "
        "training and validation alone; what had the lowest loss on validation was taken."
    )
    gains = [
        f"{search.scenario} {points(search.gain, '+')} points ({points(search.low)} to "
        f"{points(search.high)})"
        for search in searches
        if search.gain is not None
    ]
    brought = [f"What that brought on the test images: {', '.join(gains)}."] if gains else []
    return [told, *brought]


def remark_on_search(search: Search) -> list[str]:
    """Remarks on settings whose best value was, in most folds, near an end of what was tried."""
    remarks = []
    for choice in search.choices:
        section, _, key = choice.name.partition(".")
        for count, end in ((choice.at_low, "lower"), (choice.at_high, "upper")):
            if 2 * count > len(choice.values):
                where = f"tuning.{key}" if section == "training" else f"tuning.{choice.name}"
                remarks.append(
                    f"{search.scenario}'s {key} is at {name_end(key, end)} could be tried in "
                    f"{count} of {len(choice.values)} folds: a wider range ({where}) may do better."
                )
    return remarks


def name_end(key: str, end: str) -> str:
    """Names an end of a range: of layers it is a place."""
    if key == "unfreeze_from":
        return f"the {'first' if end == 'lower' else 'last'} layer that"
    return f"the {end} end of what"
