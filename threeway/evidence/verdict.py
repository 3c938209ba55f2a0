"""The decision and its evidence in words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.decision import Decision, decide
from threeway.evidence.remarks import (
    remark_on_data,
    remark_on_losses,
    remark_on_pixels,
    remark_on_runs,
    remark_on_seeds,
    remark_on_split,
)
from threeway.evidence.significance import Difference
from threeway.evidence.wording import join, points

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Verdict:
    """What the evidence says.

    Attributes:
        choice: the scenario to use, or None where none has learnt anything.
        shown: the scenario whose mistakes are shown: the choice or, without one, the most accurate.
        headline: that, in words.
        findings: a sentence for each pair.
        remarks: what a careful reader should know about runs and data.
        next_steps: what to do now.
    """

    choice: str | None
    shown: str
    headline: str
    findings: list[str]
    remarks: list[str]
    next_steps: list[str]


def judge(
    comparison: pd.DataFrame,
    differences: list[Difference],
    chance: dict,
    data: dict,
    pixel_range: list[int],
) -> Verdict:
    """Decides, and words the verdict.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        differences: of each pair.
        chance: as measure_chance makes it.
        data: the counts of metrics/data.json.
        pixel_range: what the networks saw pixels as.
    """
    decision = decide(comparison, differences, max(chance["uniform"], chance["majority"]))
    images, split = int(comparison["images"].iloc[0]), str(comparison["split"].iloc[0])
    return Verdict(
        choice=decision.choice,
        shown=decision.shown,
        headline=word_decision(decision, comparison, differences, chance),
        findings=[describe_difference(pair, images, split) for pair in differences],
        remarks=[
            *remark_on_split(split),
            *remark_on_losses(data),
            *remark_on_seeds(comparison),
            *remark_on_runs(comparison, decision.learnt, len(data["classes"])),
            *remark_on_data(data),
            *remark_on_pixels(pixel_range),
        ],
        next_steps=list_next_steps(decision, comparison),
    )


def word_decision(
    decision: Decision, comparison: pd.DataFrame, differences: list[Difference], chance: dict
) -> str:
    """Words the decision as the headline."""
    table, split = comparison.set_index("scenario"), comparison["split"].iloc[0]
    choice, best, rivals = decision.choice, decision.best, decision.rivals
    if choice is None:
        return word_nothing_learnt(table, split, chance)
    accuracy = f"{points(table.loc[choice, 'accuracy'])} % on the {split} split"
    if len(rivals) == 1:
        against = [pair for pair in differences if best in (pair.first, pair.second)]
        confirmed = all(pair.p_value < SIGNIFICANCE for pair in against)
        doubt = "clearly" if confirmed else "by every interval, though not by every test,"
        return f"Use {choice}: {accuracy}, {doubt} more than the others."
    others = join([name for name in rivals if name != choice])
    cost = f"{table.loc[choice, 'trainable_parameters']:,} parameters"
    if choice == best:
        return (
            f"Use {choice}: {accuracy}, the highest. {others} cannot be told apart from it here, "
            f"and {choice} has the least to train: {cost}."
        )
    return (
        f"Use {choice}: {accuracy}. {best} has the highest accuracy, "
        f"{points(table.loc[best, 'accuracy'])} %, but the difference is not beyond doubt, "
        f"and {choice} costs the least to train: {cost}, "
        f"against {table.loc[best, 'trainable_parameters']:,}."
    )


def word_nothing_learnt(table: pd.DataFrame, split: str, chance: dict) -> str:
    """Says that no scenario is better than not looking, with the figures that show it.

    Args:
        table: the comparison, by scenario.
        split: that scenarios are judged by.
        chance: as measure_chance makes it.
    """
    best = table.loc[table["accuracy"].idxmax()]
    return (
        f"Use none of them: nothing was learnt that shows. The highest accuracy on the {split} "
        f"split is {points(best['accuracy'])} % ({best.name}; 95 % interval "
        f"{points(best['accuracy_low'])} to {points(best['accuracy_high'])}), and calling every "
        f"image {chance['majority_class']} would give {points(chance['majority'])} %."
    )


def describe_difference(difference: Difference, images: int, split: str) -> str:
    """Says of a pair which is better and by how much, or what it would take to tell.

    Args:
        difference: of the pair.
        images: judged.
        split: whose images these are.
    """
    first, second = difference.first, difference.second
    value, low, high = difference.difference, difference.low, difference.high
    if value < 0:
        first, second, value, low, high = second, first, -value, -high, -low
    interval = f"95 % interval {points(low)} to {points(high)}"
    p_value = f"McNemar's p = {difference.p_value:.2g} after Holm's correction"
    if low > 0:
        doubt = "" if difference.p_value < SIGNIFICANCE else ", which does not confirm it"
        return f"{first} beats {second} by {points(value)} points ({interval}; {p_value}{doubt})."
    margin = (high - low) / 2
    if margin == 0:
        return f"{first} and {second} are right on the same {split} images."
    sentence = (
        f"This {split} split cannot tell {first} and {second} apart: {points(value)} points "
        f"({interval}; {p_value}). With {images} images only differences over about "
        f"{points(margin)} points show"
    )
    if points(value) == points(0):
        return f"{sentence}."
    # An interval narrows with the root of the number of images.
    needed = round_up(images * (margin / value) ** 2)
    return f"{sentence}; about {needed:,} images would be needed to show the one seen."


def list_next_steps(decision: Decision, comparison: pd.DataFrame) -> list[str]:
    """Lists what to do now, the most pressing first."""
    if decision.choice is None:
        return [
            "Look at plots/samples.png: are the images what their class names say, and can you "
            "tell them apart at this size (image.resolution)?",
            "Look at plots/learning_curves.png: does the training loss fall at all? If not, change "
            "the scenario's learning_rate; if only it falls, more images are needed.",
        ]
    steps = []
    cut_off = (comparison["unfinished_seeds"] > 0) & comparison["scenario"].isin(decision.learnt)
    unfinished = comparison[cut_off]["scenario"]
    if len(unfinished):
        settings = join([f"{name}.epochs" for name in unfinished])
        steps.append(f"Raise {settings} in params.yaml and run 'dvc repro'.")
    if comparison["split"].iloc[0] == "val":
        steps.append(
            "When the settings are final, set evaluation.split to test and run 'dvc repro': "
            "nothing is trained again."
        )
    return [
        *steps,
        "Commit these results, to compare others with them: "
        "git add . && git commit -m 'first comparison'.",
        "Classify images with it: python -m stages.predict photo.jpg",
    ]


def round_up(count: float) -> int:
    """Rounds up to two significant digits: a forecast has no more."""
    magnitude = 10 ** max(int(np.floor(np.log10(count))) - 1, 0)
    return int(np.ceil(count / magnitude) * magnitude)
