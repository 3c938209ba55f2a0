"""The comparison in words, made from its numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from threeway.significance import Difference

SIGNIFICANCE = 0.05
FEW_TEST_IMAGES = 10
# Points between train and test from which a remark says that a scenario overfits.
OVERFIT_GAP = 0.05


@dataclass(frozen=True)
class Verdict:
    """What the evidence says.

    Attributes:
        headline: which scenario to use.
        findings: a sentence for each pair.
        remarks: what a careful reader should know about runs and data.
    """

    headline: str
    findings: list[str]
    remarks: list[str]


def judge(
    comparison: pd.DataFrame, differences: list[Difference], data: dict, pixel_range: list[int]
) -> Verdict:
    """Words the verdict.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        differences: of each pair.
        data: the counts of metrics/data.json.
        pixel_range: what the networks saw pixels as.
    """
    images = int(comparison["test_images"].iloc[0])
    return Verdict(
        headline=recommend(comparison, differences),
        findings=[describe_difference(difference, images) for difference in differences],
        remarks=[
            *remark_on_seeds(comparison),
            *remark_on_runs(comparison),
            *remark_on_data(data),
            *remark_on_pixels(pixel_range),
        ],
    )


def recommend(comparison: pd.DataFrame, differences: list[Difference]) -> str:
    """Recommends the best scenario or, of those that it does not clearly beat, the cheapest.

    Cost is what there is to train: it goes with the seconds of training but is the same at every
    run. What an image takes once trained differs less, and by machine: the table of costs has it.
    """
    table = comparison.set_index("scenario")
    best = str(table["test_accuracy"].idxmax())
    beaten = {
        other
        for difference in differences
        for other in [loser_against(best, difference)]
        if other is not None
    }
    rivals = table[~table.index.isin(beaten)].sort_values(["trainable_parameters", "multiply_adds"])
    choice = str(rivals.index[0])
    accuracy = f"{points(table.loc[choice, 'test_accuracy'])} % on the test split"
    if len(rivals) == 1:
        pairs = [pair for pair in differences if best in (pair.first, pair.second)]
        confirmed = all(pair.p_value < SIGNIFICANCE for pair in pairs)
        doubt = "clearly" if confirmed else "by every interval, though not by every test,"
        return f"Use {choice}: {accuracy}, {doubt} more than the others."
    others = join([name for name in rivals.index if name != choice])
    cost = f"{table.loc[choice, 'trainable_parameters']:,} parameters"
    if choice == best:
        return (
            f"Use {choice}: {accuracy}, the highest; {others} cannot be told apart from it here, "
            f"and there is more to train in {'them' if len(rivals) > 2 else 'it'} than its {cost}."
        )
    return (
        f"Use {choice}: {accuracy}. {best} has the highest accuracy, "
        f"{points(table.loc[best, 'test_accuracy'])} %, but the difference is not beyond doubt, "
        f"and {choice} costs the least to train: {cost}, "
        f"against {table.loc[best, 'trainable_parameters']:,}."
    )


def loser_against(best: str, difference: Difference) -> str | None:
    """Names the scenario that `best` clearly beats in this pair, if it does."""
    if difference.first == best and difference.low > 0:
        return difference.second
    if difference.second == best and difference.high < 0:
        return difference.first
    return None


def describe_difference(difference: Difference, images: int) -> str:
    """Says of a pair which is better and by how much, or what it would take to tell."""
    first, second = difference.first, difference.second
    value, low, high = difference.difference, difference.low, difference.high
    if value < 0:
        first, second, value, low, high = second, first, -value, -high, -low
    interval = f"95 % interval {points(low)} to {points(high)}"
    p_value = f"McNemar's p = {difference.p_value:.2g}"
    if low > 0:
        doubt = "" if difference.p_value < SIGNIFICANCE else ", which does not confirm it"
        return f"{first} beats {second} by {points(value)} points ({interval}; {p_value}{doubt})."
    margin = (high - low) / 2
    if margin == 0:
        return f"{first} and {second} are right on the same test images."
    sentence = (
        f"This test split cannot tell {first} and {second} apart: {points(value)} points "
        f"({interval}; {p_value}). With {images} images only differences over about "
        f"{points(margin)} points show"
    )
    if points(value) == points(0):
        return f"{sentence}."
    # An interval narrows with the root of the number of images.
    needed = round_up(images * (margin / value) ** 2)
    return f"{sentence}; about {needed:,} images would be needed to show the one seen."


def remark_on_seeds(comparison: pd.DataFrame) -> list[str]:
    seeds = int(comparison["seeds"].min())
    if seeds == 1:
        return [
            "One seed: the intervals cover the choice of test images only. Another seed may rank "
            "the scenarios otherwise; set training.seeds to three or more."
        ]
    if seeds == 2:
        return ["Two seeds say almost nothing about their own spread; three are the least."]
    return []


def remark_on_runs(comparison: pd.DataFrame) -> list[str]:
    """Remarks on scenarios that overfit, or that were still getting better at their last epoch."""
    remarks = []
    for row in comparison.itertuples():
        gap = row.train_accuracy - row.test_accuracy
        if gap > OVERFIT_GAP and row.train_accuracy > row.test_accuracy_high:
            remarks.append(
                f"{row.scenario} overfits: {points(gap)} points between train and test accuracy."
            )
        if row.unfinished_seeds:
            remarks.append(
                f"{row.scenario} was still improving when its epochs ran out, in "
                f"{row.unfinished_seeds} of {row.seeds} seeds: more epochs may raise it."
            )
    return remarks


def remark_on_data(data: dict) -> list[str]:
    """Remarks on classes too small to judge, and on uneven ones."""
    remarks = []
    small = {
        name: counts["test"]
        for name, counts in data["classes"].items()
        if counts["test"] < FEW_TEST_IMAGES
    }
    if small:
        listed = join([f"{name} ({count})" for name, count in list(small.items())[:5]])
        more = f" and {len(small) - 5} more" if len(small) > 5 else ""
        remarks.append(
            f"Fewer than {FEW_TEST_IMAGES} test images: {listed}{more}. Figures of these classes "
            "mean little."
        )
    sizes = [sum(counts.values()) for counts in data["classes"].values()]
    if max(sizes) > 2 * min(sizes):
        remarks.append(
            f"Classes are uneven, from {min(sizes)} to {max(sizes)} images: read macro F1 beside "
            "accuracy, and consider training.class_weights: balanced."
        )
    return remarks


def remark_on_pixels(pixel_range: list[int]) -> list[str]:
    if pixel_range == [-1, 1]:
        return []
    return [
        f"MobileNetV2 saw pixels in {pixel_range}, and learnt on [-1, 1]: its features are not "
        "those that its weights were made for."
    ]


def points(share: float) -> str:
    return f"{100 * share:.1f}"


def round_up(count: float) -> int:
    """Rounds up to two significant digits: a forecast has no more."""
    magnitude = 10 ** max(int(np.floor(np.log10(count))) - 1, 0)
    return int(np.ceil(count / magnitude) * magnitude)


def join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
