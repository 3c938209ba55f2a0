"""Whether what a paper printed agrees with itself, by computing it again from what it printed.

Rounding is allowed for: a printed figure stands for all numbers that round to it, and a finding
is made only where none of them fits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from threeway.papers.paper import METRICS, Figure, Gain, Paper, ScoreTable, read_figure


@dataclass(frozen=True)
class Finding:
    """One thing that a paper says and that does not follow from what else it says.

    Attributes:
        claim: what is printed.
        where: in the paper.
        expected: what it should be, or what is wrong with it.
        severity: "error" (it cannot be so), "flaw" (bad practice) or "ambiguity" (said twice).
    """

    claim: str
    where: str
    expected: str
    severity: str


@dataclass(frozen=True)
class Range:
    """All numbers that round to what is printed; percentages as shares."""

    low: float
    high: float

    @classmethod
    def of(cls, figure: Figure) -> "Range":
        value, half = read_figure(figure)
        # A hair more, for binary fractions.
        return cls(float(value - half) - 1e-9, float(value + half) + 1e-9)

    @property
    def centre(self) -> float:
        return (self.low + self.high) / 2

    def meets(self, other: "Range") -> bool:
        return self.low <= other.high and other.low <= self.high

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def audit_paper(paper: Paper) -> list[Finding]:
    """Makes every check that the paper's figures allow."""
    checks: list[Callable[[Paper], Iterator[Finding]]] = [
        check_f1,
        check_averages,
        check_confusion,
        check_recalls,
        check_gains,
        check_layers,
        check_training_figures,
        check_differences,
        check_settings,
        check_splits,
        check_pixels,
    ]
    return [finding for check in checks for finding in check(paper)]


def check_f1(paper: Paper) -> Iterator[Finding]:
    """Computes each class's F1 from its precision and recall."""
    for table in paper.scores:
        for name, scores in table.classes.items():
            if None in (scores.precision, scores.recall, scores.f1):
                continue
            precision, recall = Range.of(scores.precision), Range.of(scores.recall)
            possible = Range(
                harmonic(precision.low, recall.low), harmonic(precision.high, recall.high)
            )
            if not possible.meets(Range.of(scores.f1)):
                value = harmonic(precision.centre, recall.centre)
                yield Finding(
                    f"F1 of {name} is {scores.f1}",
                    table.where,
                    f"{value:.4f}, from precision {scores.precision} and recall {scores.recall}",
                    "error",
                )


def harmonic(precision: float, recall: float) -> float:
    total = precision + recall
    return 2 * precision * recall / total if total > 0 else 0.0


def check_averages(paper: Paper) -> Iterator[Finding]:
    """Computes macro averages; a weighted average lies between the lowest and the highest class."""
    for table, metric in product(paper.scores, METRICS):
        printed = [getattr(scores, metric) for scores in table.classes.values()]
        if None in printed:
            continue
        ranges = [Range.of(figure) for figure in printed]
        macro, weighted = getattr(table.macro, metric), getattr(table.weighted, metric)
        mean = Range(*np.mean([(r.low, r.high) for r in ranges], axis=0))
        if macro and not mean.meets(Range.of(macro)):
            yield Finding(
                f"macro {metric} is {macro}",
                table.where,
                f"{mean.centre:.4f}, the mean of the {len(ranges)} classes",
                "error",
            )
        if weighted:
            yield from check_weighted(paper, table, metric, ranges)


def check_weighted(
    paper: Paper, table: ScoreTable, metric: str, ranges: list[Range]
) -> Iterator[Finding]:
    """Computes a weighted average from the counts of a confusion matrix, or else its bounds."""
    printed = getattr(table.weighted, metric)
    counts = count_images(paper)
    if set(counts) == set(table.classes):
        weights = [counts[name] for name in table.classes]
        bounds = [(r.low, r.high) for r in ranges]
        possible = Range(*np.average(bounds, axis=0, weights=weights))
        reason = "weighted with the classes' counts"
    else:
        possible = Range(min(r.low for r in ranges), max(r.high for r in ranges))
        reason = "between the lowest and the highest class"
    if not possible.meets(Range.of(printed)):
        expected = f"{possible.low:.4f} to {possible.high:.4f}, {reason}"
        yield Finding(f"weighted {metric} is {printed}", table.where, expected, "error")


def count_images(paper: Paper) -> dict[str, int]:
    """Counts each class's test images, as the confusion matrix says or its cells sum up to."""
    if not paper.confusion:
        return {}
    rows = paper.confusion.rows.items()
    return {name: row.images or sum(row.called.values()) for name, row in rows}


def check_confusion(paper: Paper) -> Iterator[Finding]:
    """Sums up confusion counts: rows against class sizes, all against the test split, accuracy."""
    if not paper.confusion:
        return
    where, counts = paper.confusion.where, count_images(paper)
    for name, row in paper.confusion.rows.items():
        if sum(row.called.values()) > counts[name]:
            cells = sum(row.called.values())
            yield Finding(
                f"{counts[name]} images of {name}", where, f"{cells}, the row's sum", "error"
            )
    total = sum(counts.values())
    if set(counts) != set(paper.classes):
        return
    if paper.test_images and total != paper.test_images:
        yield Finding(
            f"{paper.test_images} test images",
            where,
            f"{total}, the sum of the confusion counts",
            "error",
        )
    right = sum(row.called.get(name, 0) for name, row in paper.confusion.rows.items())
    for accuracy in paper.accuracies:
        if (accuracy.of, accuracy.split) != (paper.confusion.of, paper.confusion.split):
            continue
        if not Range.of(accuracy.value).holds(right / total):
            yield Finding(
                f"{accuracy.split} accuracy is {accuracy.value}",
                accuracy.where,
                f"{100 * right / total:.2f} %, {right} of {total} by the confusion counts",
                "error",
            )


def check_recalls(paper: Paper) -> Iterator[Finding]:
    """Computes recalls from confusion counts."""
    if not paper.confusion:
        return
    counts = count_images(paper)
    tables = [table for table in paper.scores if table.of in (None, paper.confusion.of)]
    for table, (name, row) in product(tables, paper.confusion.rows.items()):
        printed = table.classes[name].recall if name in table.classes else None
        right = row.called.get(name, 0)
        if printed and not Range.of(printed).holds(right / counts[name]):
            yield Finding(
                f"recall of {name} is {printed}",
                table.where,
                f"{right / counts[name]:.3f}, {right} of {counts[name]} in {paper.confusion.where}",
                "error",
            )


def check_gains(paper: Paper) -> Iterator[Finding]:
    """Subtracts the accuracies that a stated gain is between; says where it does fit."""
    for gain in paper.gains:
        fits = [split for split in list_splits(paper) if fits_gain(paper, gain, split)]
        pair = find_pair(paper, gain, gain.cites)
        if gain.cites in fits or None in pair:
            continue
        to, over = (Range.of(figure).centre for figure in pair)
        elsewhere = f"; it fits the {' and '.join(fits)} accuracies" if fits else ""
        yield Finding(
            f"{gain.to} gains {gain.points} points over {gain.over}",
            gain.where,
            f"{100 * (to - over):.2f} points, from {pair[1]} to {pair[0]}{elsewhere}",
            "error",
        )


def list_splits(paper: Paper) -> list[str]:
    return list(dict.fromkeys(accuracy.split for accuracy in paper.accuracies))


def find_accuracy(paper: Paper, of: str, split: str) -> Figure | None:
    found = [a.value for a in paper.accuracies if a.of == of and a.split == split]
    return found[-1] if found else None


def find_pair(paper: Paper, gain: Gain, split: str) -> tuple[Figure | None, Figure | None]:
    """Finds the accuracies of a split that a gain is between: of what gains, and of what over."""
    return find_accuracy(paper, gain.to, split), find_accuracy(paper, gain.over, split)


def fits_gain(paper: Paper, gain: Gain, split: str) -> bool:
    """Tells whether a gain is the difference between two accuracies of a split."""
    to, over = find_pair(paper, gain, split)
    if to is None or over is None:
        return False
    high, low, points = Range.of(to), Range.of(over), Range.of(gain.points)
    # Authors subtract what they print, so the printed figures count, with their own rounding.
    return Range(100 * (high.low - low.high), 100 * (high.high - low.low)).meets(points)


def check_layers(paper: Paper) -> Iterator[Finding]:
    """Counts parameters from layer sizes, and outputs against classes."""
    if not paper.layers:
        return
    layers = paper.layers
    head = sum(dense.inputs * dense.outputs + dense.outputs for dense in layers.dense)
    for name, printed, counted in [
        ("trainable parameters", layers.trainable, head),
        ("parameters in total", layers.total, layers.backbone + head),
    ]:
        if printed != counted:
            yield Finding(
                f"{printed:,} {name}", layers.where, f"{counted:,}, layer by layer", "error"
            )
    num_classes = len(paper.classes) or paper.num_classes
    outputs = layers.dense[-1].outputs
    if num_classes and outputs != num_classes:
        yield Finding(
            f"the last layer has {outputs} outputs",
            layers.where,
            f"{num_classes}, a class each",
            "error",
        )


def check_training_figures(paper: Paper) -> Iterator[Finding]:
    """Looks for training accuracies in a table that compares, or tests."""
    training = {(a.of, a.value): a.where for a in paper.accuracies if a.split == "train"}
    for accuracy in paper.accuracies:
        source = training.get((accuracy.of, accuracy.value))
        if accuracy.split != "train" and source:
            yield Finding(
                f"{accuracy.split} accuracy of {accuracy.of} is {accuracy.value}",
                accuracy.where,
                f"a test accuracy; {source} calls the same figure a training accuracy",
                "error",
            )


def check_differences(paper: Paper) -> Iterator[Finding]:
    """Asks whether a difference in accuracy is larger than its test split can show."""
    for gain in paper.gains:
        if paper.test_images is None:
            yield Finding(
                f"{gain.to} is better than {gain.over}",
                gain.where,
                "the number of test images, without which no difference can be judged",
                "flaw",
            )
            continue
        pair = find_pair(paper, gain, gain.cites)
        if None in pair:
            continue
        shares = [Range.of(figure).centre for figure in pair]
        variance = sum(share * (1 - share) for share in shares) / paper.test_images
        margin = 1.96 * np.sqrt(variance)
        if abs(shares[0] - shares[1]) < margin:
            yield Finding(
                f"{gain.to} is better than {gain.over}",
                gain.where,
                f"a difference over {100 * margin:.1f} points, with {paper.test_images} images",
                "flaw",
            )


def check_settings(paper: Paper) -> Iterator[Finding]:
    """Looks for settings that are given more than once, differently."""
    for setting in paper.settings:
        if len(setting.values) > 1:
            said = "; ".join(f"{value} ({where})" for value, where in setting.values.items())
            places = "; ".join(setting.values.values())
            yield Finding(f"{setting.name}: {said}", places, "one value", "ambiguity")


def check_splits(paper: Paper) -> Iterator[Finding]:
    """Looks for images that served more than one end."""
    for split in paper.splits:
        if len(split.uses) > 1:
            uses = " and ".join(split.uses)
            yield Finding(
                f"{split.images} serve as {uses}",
                split.where,
                "a split of its own for each",
                "flaw",
            )


def check_pixels(paper: Paper) -> Iterator[Finding]:
    """Asks whether the pixels have the range that MobileNetV2's ImageNet weights were trained on.

    Source: keras.applications.mobilenet_v2.preprocess_input.
    """
    if paper.pixels and paper.pixels.range != [-1, 1]:
        yield Finding(
            f"MobileNetV2 is fed pixels in {paper.pixels.range}",
            paper.pixels.where,
            "[-1, 1], which its ImageNet weights were trained on",
            "flaw",
        )
