"""Which scenario to use: a decision, as data, from the comparison's numbers."""

from dataclasses import dataclass

import pandas as pd

from threeway.evidence.significance import Difference


@dataclass(frozen=True)
class Decision:
    """Which scenario to use, and why.

    Attributes:
        highest: the scenario with the highest accuracy, whether or not it learnt anything.
        learnt: scenarios clearly above what can be had without looking at an image.
        best: of these, the one with the highest accuracy; None where there are none.
        rivals: of these, those that the best does not clearly beat, itself among them; cheapest
            to train first.
    """

    highest: str
    learnt: list[str]
    best: str | None
    rivals: list[str]

    @property
    def choice(self) -> str | None:
        """The scenario to use; None where none has learnt anything."""
        return self.rivals[0] if self.rivals else None

    @property
    def shown(self) -> str:
        """The scenario whose answers are worth a look: the one to use, or the most accurate."""
        return self.choice or self.highest


def decide(comparison: pd.DataFrame, differences: list[Difference], chance: float) -> Decision:
    """Decides for the best scenario or, of those that it does not clearly beat, the cheapest.

    Cost is what there is to train: it goes with the seconds of training but is the same at every
    run. What an image takes once trained differs less, and by machine: the table of costs has it.

    Args:
        comparison: one row a scenario.
        differences: of each pair.
        chance: the accuracy that can be had without looking at an image.
    """
    table = comparison.set_index("scenario")
    highest = str(table["accuracy"].idxmax())
    table = table[table["accuracy_low"] > chance]
    if not len(table):
        return Decision(highest, [], None, [])
    best = str(table["accuracy"].idxmax())
    beaten = {loser_against(best, difference) for difference in differences}
    rivals = table[~table.index.isin(beaten)].sort_values(["trainable_parameters", "multiply_adds"])
    return Decision(highest, list(table.index), best, list(rivals.index))


def loser_against(best: str, difference: Difference) -> str | None:
    """Names the scenario that `best` clearly beats in this pair, if it does."""
    if difference.first == best and difference.low > 0:
        return difference.second
    if difference.second == best and difference.high < 0:
        return difference.first
    return None
