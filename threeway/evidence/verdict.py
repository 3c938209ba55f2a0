"""The decision and its evidence in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.evidence.decision import COSTS, Answer, Decision, decide
from threeway.evidence.formats import Format, describe_formats
from threeway.evidence.more_images import Growth, describe_growths
from threeway.evidence.remarks import (
    name_more_divisions,
    remark_on_data,
    remark_on_division,
    remark_on_left_out,
    remark_on_pixels,
    remark_on_processors,
    remark_on_runs,
    remark_on_sizes,
    remark_on_split,
)
from threeway.evidence.search import Search, count_trials, describe_searches, remark_on_search
from threeway.evidence.significance import Difference
from threeway.evidence.wording import join, name_points, points
from threeway.settings import Settings


@dataclass(frozen=True)
class Verdict:
    """What the evidence says.

    Attributes:
        decision: what the words follow from.
        choice: the scenario to use, or None where none has learnt anything.
        shown: the scenario whose mistakes are shown: the choice or, without one, the most accurate.
        headline: the decision, in words.
        findings: a sentence for each pair.
        remarks: what a careful reader should know about runs and data.
        next_steps: what to do now.
    """

    decision: Decision
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
    processors: list[str],
    settings: Settings,
    searches: Sequence[Search] = (),
    growths: Sequence[Growth] = (),
    formats: Sequence[Format] = (),
) -> Verdict:
    """Decides, and words the verdict.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        differences: of each pair.
        chance: as measure_chance makes it.
        data: the counts of metrics/data.json.
        processors: that trained the runs, each once.
        settings: image and verdict.
        searches: what tuning did, of each scenario that was tuned.
        growths: of each scenario that was trained on shares of the images.
        formats: what those of small devices change.
    """
    guess = max(chance["uniform"], chance["majority"])
    margin, cost = settings.verdict.margin, settings.verdict.cost
    decision = decide(comparison, differences, guess, margin, cost)
    split = str(comparison["split"].iloc[0])
    return Verdict(
        decision=decision,
        choice=decision.choice,
        shown=decision.shown,
        headline=word_decision(decision, comparison, chance, count_trials(searches)),
        findings=[
            *(describe_difference(pair, margin) for pair in differences),
            *describe_lead(decision),
            *describe_forecast(decision, comparison, data),
            *describe_searches(searches),
            *describe_growths(growths, decision.learnt),
        ],
        remarks=[
            *remark_on_split(split, data["folds"]),
            *remark_on_left_out(data),
            *remark_on_division(comparison, data),
            *remark_on_runs(comparison, decision.learnt, len(data["classes"])),
            *(remark for search in searches for remark in remark_on_search(search)),
            *remark_on_sizes(comparison),
            *describe_formats(formats, decision.shown, margin),
            *remark_on_data(data),
            *remark_on_processors(processors),
            *remark_on_pixels(settings.image.pixel_range),
        ],
        next_steps=list_next_steps(decision, comparison, count_trials(searches)),
    )


def word_decision(
    decision: Decision, comparison: pd.DataFrame, chance: dict, trials: int = 0
) -> str:
    """Words the decision as the headline.

    Args:
        decision: to word.
        comparison: one row a scenario.
        chance: as measure_chance makes it.
        trials: of each scenario in each fold; none where its recipe is as it is written.
    """
    table, split = comparison.set_index("scenario"), str(comparison["split"].iloc[0])
    if decision.choice is None:
        return word_nothing_learnt(table, split, chance)
    choice, margin = decision.choice, name_points(decision.margin)
    told = f"Use {choice}: {points(table.loc[choice, 'accuracy'])} % of the {split} images right"
    limits = word_limits([name for name in decision.unfinished if name != choice], table)
    # Of scenarios whose recipes were not tuned another recipe may be as good.
    tuned = f"each tuned with {trials} trials" if trials else ""
    if decision.answer in (Answer.MUCH_BETTER, Answer.BETTER):
        more = f"more than {margin} " if decision.answer == Answer.MUCH_BETTER else ""
        if tuned:
            return f"{told}, {more}better than the others, {tuned}{limits}."
        return f"{told}, with these recipes {more}better than the others{limits}."
    cheap = word_cost(decision, table)
    if decision.answer == Answer.CLOSE:
        better = join([name_with_accuracy(name, table) for name in decision.better])
        verb = "are" if len(decision.better) > 1 else "is"
        recipes = f"{tuned}, {better}" if tuned else f"with these recipes {better}"
        return (
            f"{told}. {capitalise(recipes)} {verb} better, but by less than {margin}, and {choice} "
            f"is {cheap}{limits}."
        )
    if decision.answer == Answer.AS_GOOD:
        rest = f"no other is more than {margin} better"
    else:
        rivals = join([name_with_accuracy(name, table) for name in decision.undecided], "or")
        rest = f"whether {rivals} is more than {margin} better cannot be told"
    rest = f"{tuned}, {rest}" if tuned else rest
    if table.loc[choice, "accuracy"] == table["accuracy"].max():
        return f"{told}, the highest, and {cheap}; {rest}{limits}."
    if decision.answer == Answer.AS_GOOD:
        rest += f", not even {name_with_accuracy(decision.best, table)}"
    return f"{told}. {capitalise(rest)}, and {choice} is {cheap}{limits}."


def capitalise(words: str) -> str:
    return words[0].upper() + words[1:]


def name_with_accuracy(name: str, table: pd.DataFrame) -> str:
    return f"{name} ({points(table.loc[name, 'accuracy'])} %)"


def word_limits(unfinished: list[str], table: pd.DataFrame) -> str:
    """Words which rivals had not stopped improving, if any: the end of a sentence."""
    if not unfinished:
        return ""
    runs = [
        f"{name} ({table.loc[name, 'unfinished_runs']} of {table.loc[name, 'runs']} runs)"
        for name in unfinished
    ]
    return f"; {join(runs)} had not stopped improving"


def word_cost(decision: Decision, table: pd.DataFrame) -> str:
    """Words by what the choice is cheap: "the cheapest to train, with 5,124 parameters"."""
    choice, keys = decision.choice, [*COSTS[decision.cost]]
    costs = {name: tuple(table.loc[name, keys]) for name in table.index}
    others = {*decision.unbeaten, *decision.equivalent} - {choice}
    verb = "train" if decision.cost == "training" else "run"
    told = f"the cheapest to {verb}"
    if any(costs[name] == costs[choice] for name in others):
        told = f"as cheap to {verb} as any"
    if any(costs[name] < costs[choice] for name in table.index):
        told += " of those that are not ruled out"
    if decision.cost == "training":
        return f"{told}, with {table.loc[choice, 'trainable_parameters']:,} parameters"
    millions = table.loc[choice, "multiply_adds"] / 1e6
    return f"{told}, with {millions:,.0f} million multiplications an image"


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
        f"images is {points(best['accuracy'])} % ({best.name}; 95 % interval "
        f"{points(best['accuracy_low'])} to {points(best['accuracy_high'])}), and calling every "
        f"image {chance['majority_class']} would give {points(chance['majority'])} %."
    )


def describe_difference(difference: Difference, margin: float) -> str:
    """Says of a pair which is better and by how much, or that it cannot be told.

    Args:
        difference: of the pair.
        margin: a difference in accuracy that does not matter.
    """
    first, second = difference.first, difference.second
    value, low, high = difference.difference, difference.low, difference.high
    if value < 0:
        first, second, value, low, high = second, first, -value, -high, -low
    interval = f"{points(low)} to {points(high)}; p = {difference.p_value:.2g}"
    if low > 0:
        return f"{first} is better than {second}, by {points(value)} points ({interval})."
    told = f"Which of {first} and {second} is better cannot be told: {points(value)} points"
    inside = -margin < low < high < margin
    within = f": less than {name_points(margin)}, whichever it is" if inside else ""
    return f"{told} ({interval}){within}."


def describe_lead(decision: Decision) -> list[str]:
    """Says how far ahead of the choice another is at most, where that decides."""
    if decision.answer not in (Answer.AS_GOOD, Answer.CLOSE):
        return []
    bound = f"at {100 * decision.lead_confidence:g} %, one-sided"
    return [
        f"{decision.rival} is at most {points(max(decision.lead, 0.0))} points ahead of "
        f"{decision.choice} ({bound}): less than {name_points(decision.margin)}."
    ]


def describe_forecast(decision: Decision, comparison: pd.DataFrame, data: dict) -> list[str]:
    """Says what would decide whether the choice is as good as any.

    Args:
        decision: for the choice.
        comparison: one row a scenario.
        data: the counts of metrics/data.json.
    """
    if decision.answer != Answer.UNDECIDED:
        return []
    choice, rival, needed = decision.choice, decision.rival, decision.images_needed
    images, more = int(comparison["images"].iloc[0]), name_more_divisions(comparison, data)
    split = str(comparison["split"].iloc[0])
    # By folds every image is tested; otherwise those of a split are a part of all.
    judged = "images" if data["folds"] > 1 and split == "test" else f"{split} images"
    if needed is not None and needed > images:
        return [
            f"About {round_up(needed):,} {judged} would probably tell whether {rival} is more than "
            f"{name_points(decision.margin)} better than {choice}, were the two equal."
        ]
    if split == "val":
        return []
    if needed is None:
        return [
            f"Which of {rival} and {choice} is better depends less on the number of images than on "
            f"which of them a network learns from: {more} narrows the interval."
        ]
    return [
        f"Were {rival} and {choice} equally good, {images:,} {judged} would probably tell so; "
        f"these did not. {more} narrows the interval."
    ]


def list_next_steps(decision: Decision, comparison: pd.DataFrame, trials: int = 0) -> list[str]:
    """Lists what to do now, the most pressing first.

    Args:
        decision: that was taken.
        comparison: one row a scenario.
        trials: of each scenario in each fold; none where its recipe is as it is written.
    """
    if decision.choice is None:
        return [
            "Look at plots/samples.png: are the images what their class names say, and can you "
            "tell them apart at this size (image.resolution)?",
            "Look at plots/learning_curves.png: does the training loss fall at all? If not, change "
            "the scenario's learning_rate; if only it falls, more images are needed.",
        ]
    steps = []
    if decision.unfinished:
        settings = join([f"{name}.epochs" for name in decision.unfinished])
        steps.append(f"Raise {settings} in params.yaml and run 'dvc repro'.")
    if comparison["split"].iloc[0] == "val":
        steps.append(
            "When the settings are final, set evaluation.split to test and run 'dvc repro': "
            "nothing is trained again but, if the choice changes, the model to take home."
        )
    elif decision.answer in (Answer.BETTER, Answer.MUCH_BETTER) and not trials:
        steps.append(
            "Before you publish that it is better, tune its rivals as well: tuning.trials: 12 in "
            "params.yaml. What one recipe is behind another may make up for."
        )
    return [
        *steps,
        "Commit these results, to compare others with them: git add . and then "
        'git commit -m "first comparison".',
        "Classify images with the model to take home: python -m stages.predict photo.jpg",
    ]


def round_up(count: float) -> int:
    """Rounds up to two significant digits: a forecast has no more."""
    magnitude = 10 ** max(int(np.floor(np.log10(count))) - 1, 0)
    return int(np.ceil(count / magnitude) * magnitude)
