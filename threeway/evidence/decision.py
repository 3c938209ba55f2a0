"""Which scenario to use: a decision, as data, from the comparison's numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy import stats

from threeway.evidence.significance import Difference, bound_from_above
from threeway.evidence.uncertainty import CONFIDENCE

# By what scenarios are cheaper: the first that differs.
COSTS = {
    "training": ("trainable_parameters", "multiply_adds"),
    "running": ("multiply_adds", "parameters"),
}
POWER = 0.8


class Answer(StrEnum):
    """What the evidence says of the choice and the others."""

    NOTHING = "nothing is learnt"
    BETTER = "better than all others"
    MUCH_BETTER = "better than all others by more than the margin"
    AS_GOOD = "no other is better by more than the margin"
    CLOSE = "another is better, but by less than the margin"
    UNDECIDED = "it cannot be told whether another is better by more than the margin"


@dataclass(frozen=True)
class Decision:
    """Which scenario to use, and why.

    Attributes:
        answer: what the evidence says.
        choice: the scenario to use; None where none has learnt anything.
        best: the scenario with the highest accuracy, whether or not it learnt anything.
        learnt: scenarios clearly above what can be had without looking at an image.
        unbeaten: of these, those than which none is better.
        equivalent: of these, those than which none is better by more than the margin.
        better: of all, those that are better than the choice.
        undecided: of all, those that may be better than the choice by more than the margin.
        unfinished: of all, those of which a run ended before it had stopped improving.
        margin: a difference in accuracy that does not matter.
        cost: what the cheaper one is cheaper by: "training" or "running".
        rival: of all others, the one that may be the furthest ahead of the choice; None without a
            choice.
        lead: by how much it is more accurate at most, one-sided; None without a choice.
        lead_confidence: with which that holds: of 95 % what is left for each of several choices.
        images_needed: to tell whether the choice is as good as its nearest rival by the margin,
            were the two equal; None where that is told, or where images alone would not do.
    """

    answer: Answer
    choice: str | None
    best: str
    learnt: list[str]
    unbeaten: list[str]
    equivalent: list[str]
    better: list[str]
    undecided: list[str]
    unfinished: list[str]
    margin: float
    cost: str
    rival: str | None
    lead: float | None
    lead_confidence: float
    images_needed: int | None

    @property
    def shown(self) -> str:
        """The scenario whose answers are worth a look: the one to use, or the most accurate."""
        return self.choice or self.best


def decide(
    comparison: pd.DataFrame,
    differences: list[Difference],
    chance: float,
    margin: float,
    cost: str,
) -> Decision:
    """Decides for the cheapest of the scenarios that nothing speaks against.

    That is, of those than which none is better, and those than which none is better by more than
    the margin. Who is better is told by intervals that hold for all pairs together; that none is
    better by more than the margin, by an intersection-union test.

    Args:
        comparison: one row a scenario.
        differences: of each pair.
        chance: the accuracy that can be had without looking at an image.
        margin: a difference in accuracy that does not matter.
        cost: by what the cheaper one is cheaper: "training" or "running".

    Source: Berger and Hsu, "Bioequivalence trials, intersection-union tests and equivalence
    confidence sets", 1996.
    """
    table = comparison.set_index("scenario")
    best = str(table["accuracy"].idxmax())
    # Of what costs the same, the most accurate first.
    keys = [*COSTS[cost], "accuracy"]
    by_cost = list(table.sort_values(keys, ascending=[True, True, False], kind="stable").index)
    learnt = [name for name in by_cost if table.loc[name, "accuracy_low"] > chance]
    beaten = {loser for difference in differences if (loser := name_loser(difference))}
    unbeaten = [name for name in learnt if name not in beaten]
    # Whoever looks for one that is as good among several finds one the more easily.
    confidence = 1 - (1 - CONFIDENCE) / max(len(learnt) - 1, 1)
    rises = {name: rise_above(name, by_cost, differences, confidence) for name in learnt}
    equivalent = [name for name in learnt if max(rises[name].values(), default=0.0) < margin]
    eligible = [name for name in learnt if name in {*unbeaten, *equivalent}]
    choice = eligible[0] if eligible else None
    answer = judge_choice(choice, unbeaten, equivalent, differences, margin)
    leads = rises.get(choice, {})
    rival = max(leads, key=leads.get, default=None)
    needed = None
    if answer == Answer.UNDECIDED:
        pair = find_pair(choice, rival, differences)
        needed = forecast_images(pair, int(table["images"].iloc[0]), margin, confidence)
    return Decision(
        answer=answer,
        choice=choice,
        best=best,
        learnt=learnt,
        unbeaten=unbeaten,
        equivalent=equivalent,
        better=[
            name for name in leads if name_loser(find_pair(choice, name, differences)) == choice
        ],
        undecided=[name for name in leads if leads[name] >= margin],
        unfinished=[name for name in table.index if table.loc[name, "unfinished_runs"] > 0],
        margin=margin,
        cost=cost,
        rival=rival,
        lead=leads.get(rival),
        lead_confidence=confidence,
        images_needed=needed,
    )


def judge_choice(
    choice: str | None,
    unbeaten: list[str],
    equivalent: list[str],
    differences: list[Difference],
    margin: float,
) -> Answer:
    """Says what the evidence says of a choice and all others."""
    if choice is None:
        return Answer.NOTHING
    leads = [lead for pair in differences if (lead := find_lead(pair, choice)) is not None]
    if leads and min(leads) > 0:
        return Answer.MUCH_BETTER if min(leads) > margin else Answer.BETTER
    if choice in equivalent:
        return Answer.AS_GOOD if choice in unbeaten else Answer.CLOSE
    return Answer.UNDECIDED


def name_loser(difference: Difference) -> str | None:
    """Names the scenario of a pair than which the other is better, if one is."""
    if difference.low > 0:
        return difference.second
    return difference.first if difference.high < 0 else None


def find_lead(difference: Difference, name: str) -> float | None:
    """Finds how much more accurate a scenario of a pair is at least; None if it is not in it."""
    leads = {difference.first: difference.low, difference.second: -difference.high}
    return leads.get(name)


def find_pair(one: str, other: str, differences: Iterable[Difference]) -> Difference:
    return next(pair for pair in differences if {pair.first, pair.second} == {one, other})


def rise_above(
    name: str, others: list[str], differences: list[Difference], confidence: float
) -> dict[str, float]:
    """Bounds by how much each other scenario is more accurate than one, at most: by scenario."""
    return {
        other: bound_from_above(find_pair(name, other, differences), other, confidence)
        for other in others
        if other != name
    }


def forecast_images(
    difference: Difference, images: int, margin: float, confidence: float
) -> int | None:
    """Forecasts how many images show that one of a pair, equal to the other, is as good by the
    margin: with a power of 80 %, were the variances known; since they are estimated, in about two
    of three cases (simulated, tests/evidence/test_decision.py). None where images alone would not
    do.

    Not from the difference that is seen: that it is the true one is the least likely where it
    cannot be told from none. Where there are as many images already, what is seen is not like
    two that are equal.

    Args:
        difference: of the pair.
        images: that it was measured on.
        margin: a difference in accuracy that does not matter.
        confidence: of the one-sided bound that tells.
    """
    estimate = difference.estimate
    wanted = (margin / stats.t.ppf([confidence, POWER], estimate.freedom).sum()) ** 2
    if estimate.by_runs >= wanted:
        return None
    return int(np.ceil(images * estimate.by_images / (wanted - estimate.by_runs)))
