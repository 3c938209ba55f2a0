"""Finished comparisons beside one another: one table, and what may be read off it."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from threeway.beside.finished import Finished, list_differing
from threeway.errors import InputError
from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import (
    DIFFERENCE_RANGE,
    bound_difference,
    estimate_accuracy,
    estimate_mean,
    score_answers,
)
from threeway.evidence.wording import points
from threeway.reading.markup import MARKDOWN, align_table, escape
from threeway.reading.tables import format_interval, format_percent
from threeway.scenarios import SCENARIOS

# Settings that differ are listed up to this many: beyond, nobody can say which one it was.
NUM_LISTED = 10
# Stands where papers print bold, which a terminal would not show.
MARK = "†"


@dataclass(frozen=True)
class Contrast:
    """How much more often a scenario is right at one place than at the first, on the same images.

    Attributes:
        place: its label.
        scenario: the one that is compared with itself.
        difference: in accuracy: the place minus the first.
        low, high: its 95 % interval.
        same: whether each image has been called right by the same runs at both.
    """

    place: str
    scenario: str
    difference: float
    low: float
    high: float
    same: bool


def check_splits(finished: list[Finished]) -> None:
    """Makes sure that all places were measured on the same split.

    Raises:
        InputError: one was measured on val, another on test.
    """
    first = finished[0]
    for other in finished[1:]:
        if other.split != first.split:
            raise InputError(
                f"{first.label} was measured on {first.split}, {other.label} on {other.split}: "
                "figures of different splits do not belong in one table; measure all on the same"
            )


def have_same_images(first: Finished, other: Finished) -> bool:
    """Says whether two places were measured on the same images, as far as their files tell."""
    known = None not in (first.digest, other.digest)
    return first.images == other.images and not (known and first.digest != other.digest)


def contrast_places(finished: list[Finished]) -> list[Contrast]:
    """Compares with the first place each other one that was measured on the same images."""
    first, *others = finished
    return [
        contrast(first, other, scenario)
        for other in others
        if have_same_images(first, other)
        for scenario in SCENARIOS
    ]


def contrast(first: Finished, other: Finished, scenario: str) -> Contrast:
    old, new = (place.predictions[scenario] for place in (first, other))
    if np.array_equal(old.folds, new.folds) and np.array_equal(old.seeds, new.seeds):
        same, values, answers = np.array_equal(old.correct, new.correct), new.correct * 1.0, new
        values -= old.correct
    else:
        # Of other divisions only what each image is worth on average can be set side by side.
        same, answers = False, forget_runs(new)
        values = (new.correct.mean(axis=0) - old.correct.mean(axis=0))[None]
    estimate = estimate_mean(score_answers(values, answers, DIFFERENCE_RANGE))
    return Contrast(other.label, scenario, estimate.mean, *bound_difference(estimate), same)


def forget_runs(answers: Predictions) -> Predictions:
    """Takes all answers to an image for those of one run."""
    one = np.ones((1, len(answers.images)), int)
    return replace(answers, folds=one, seeds=one[0, :1], repeats=one[0, :1] * 0)


def tabulate_places(finished: list[Finished], contrasts: list[Contrast]) -> pd.DataFrame:
    """Makes the table: one row a place and scenario.

    Columns: place, split, images, classes, runs, scenario, chosen (by the place's verdict),
    accuracy, accuracy_low, accuracy_high; then difference, difference_low, difference_high, the
    place minus the first, NaN where the images are others.
    """
    found = {(pair.place, pair.scenario): pair for pair in contrasts}
    return pd.DataFrame(
        [
            summarise(place, scenario, found.get((place.label, scenario)))
            for place in finished
            for scenario in SCENARIOS
        ]
    )


def summarise(place: Finished, scenario: str, pair: Contrast | None) -> dict[str, object]:
    predictions = place.predictions[scenario]
    estimate, low, high = estimate_accuracy(predictions)
    return {
        "place": place.label,
        "split": place.split,
        "images": len(predictions.images),
        "classes": len(predictions.classes),
        "runs": len(np.unique(predictions.folds)) * len(np.unique(predictions.seeds)),
        "scenario": scenario,
        "chosen": scenario == place.choice,
        "accuracy": estimate.mean,
        "accuracy_low": low,
        "accuracy_high": high,
        "difference": pair.difference if pair else np.nan,
        "difference_low": pair.low if pair else np.nan,
        "difference_high": pair.high if pair else np.nan,
    }


def present_places(table: pd.DataFrame) -> pd.DataFrame:
    """Rounds the table for reading: one row a place, in percent, one column a scenario."""
    rows = []
    for label, place in table.groupby("place", sort=False):
        about = place.iloc[0]
        row = {
            "place": label,
            "classes": f"{about['classes']:,}",
            f"{about['split']} images": f"{about['images']:,}",
            "runs": f"{about['runs']:,}",
        }
        rows.append(row | {each.scenario: present_accuracy(each) for each in place.itertuples()})
    return pd.DataFrame(rows)


def present_accuracy(row: tuple) -> str:
    """Words one row of the table: accuracy, interval and, if the verdict chose it, the mark."""
    interval = format_interval(row.accuracy_low, row.accuracy_high)
    return f"{format_percent(row.accuracy)} ({interval}){f' {MARK}' if row.chosen else ''}"


def explain_places(split: str) -> str:
    """Says what the table's figures are."""
    return (
        f"Accuracy on the {split} images in %, mean over runs, with its 95 % interval. {MARK}: "
        "what the verdict of that place says to use."
    )


def describe_pair(first: Finished, other: Finished, contrasts: list[Contrast]) -> list[str]:
    """Says what may be read off two rows, which settings differ, and what that leaves open."""
    found = [pair for pair in contrasts if pair.place == other.label]
    if not found:
        return [describe_images(first, other), *describe_settings(first, other)]
    return [
        f"{other.label} beside {first.label}, on the same {len(first.images):,} {first.split} "
        "images:",
        *(describe_contrast(pair, first.label) for pair in found),
        *describe_settings(first, other),
    ]


def describe_contrast(pair: Contrast, first: str) -> str:
    """Says whether a scenario is better at a place than at the first, worse, or neither."""
    if pair.same:
        return f"{pair.scenario}: right on exactly the same images as {first}, in every run."
    judgement = "cannot be told apart from"
    if pair.low > 0 or pair.high < 0:
        judgement = "better than" if pair.low > 0 else "worse than"
    return (
        f"{pair.scenario}: {judgement} {first}, {points(pair.difference, '+')} points "
        f"(95 % interval {format_interval(pair.low, pair.high)})."
    )


def describe_images(first: Finished, other: Finished) -> str:
    """Says of two places with different images what they share."""
    ending = "The accuracies are of different images: no difference may be read off."
    if first.images == other.images:
        return (
            f"{other.label} and {first.label} name the same {first.split} images, but the digests "
            f"in metrics/data.json differ, so there are other images behind the names. {ending}"
        )
    shared = len(first.images & other.images)
    text = (
        f"{other.label} was measured on other images than {first.label}: of its "
        f"{len(other.images):,} {first.split} images, {shared:,} are among the "
        f"{len(first.images):,} of {first.label}, by path and class."
    )
    if set(first.classes) != set(other.classes):
        common = len(set(first.classes) & set(other.classes))
        text += (
            f" It has {len(other.classes):,} classes beside {len(first.classes):,}, {common:,} of "
            "them by the same name."
        )
    return f"{text} {ending}"


def describe_settings(first: Finished, other: Finished) -> list[str]:
    """Lists the settings that differ, NUM_LISTED at most."""
    if not first.params or not other.params:
        return ["Which settings differ is not known: one of the two has no params.yaml."]
    lines = [
        f"{key}: {one} in {first.label}, {another} in {other.label}"
        for key, (one, another) in list_differing(first.params, other.params).items()
    ]
    if len(lines) > NUM_LISTED:
        lines[NUM_LISTED - 1 :] = [f"and {len(lines) - NUM_LISTED + 1} more settings that differ"]
    return lines or ["No setting in params.yaml differs."]


def warn_outdated(place: Finished) -> str:
    """Says that a place's figures are not of the settings that it has now."""
    key, (used, now) = next(iter(place.outdated.items()))
    more = f", and {len(place.outdated) - 1} more" if len(place.outdated) > 1 else ""
    return (
        f"The figures of {place.label} are not those of its params.yaml: they were made with "
        f"{key}: {used}, which now is {now}{more}. Run 'dvc repro' there first."
    )


def caution(split: str) -> str:
    """Says what differences between settings do not tell."""
    chance = (
        "Each interval holds its own difference with 95 %: of twenty differences that are none, "
        "one is expected to look like one."
    )
    if split == "test":
        return (
            f"{chance} Who chooses a setting by these figures has chosen it by the test images, "
            "and its accuracy is then too good: choose by val, or better by images that are kept "
            "apart, and look at test once."
        )
    return (
        f"{chance} The val split chose each run's epoch as well: all of these accuracies are too "
        "good, and test has the last word."
    )


def format_places(finished: list[Finished], contrasts: list[Contrast], table: pd.DataFrame) -> str:
    """Writes the table, and what may be read off it, as Markdown."""
    first, *others = finished
    warnings = [warn_outdated(place) for place in finished if place.outdated]
    parts = [
        align_table(present_places(table)),
        escape(explain_places(first.split), MARKDOWN),
        *(f"**{escape(warning, MARKDOWN)}**" for warning in warnings),
    ]
    for other in others:
        opening, *lines = (
            escape(line, MARKDOWN) for line in describe_pair(first, other, contrasts)
        )
        parts += [opening, "\n".join(f"- {line}" for line in lines)]
    parts += [caution(first.split)] if contrasts else []
    return "\n\n".join(parts) + "\n"
