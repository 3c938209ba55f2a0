"""What a careful reader should know of data and runs before acting on a comparison."""

import numpy as np
import pandas as pd

from threeway.evidence.left_out import leaves_out_many_of_all, list_poor_classes
from threeway.evidence.wording import join, join_first, points
from threeway.splits import SPLITS

FEW_TEST_IMAGES = 10
# Judged images below which intervals are known to hold less often on steep learning curves.
FEW_JUDGED = 500
# Judged images from which a gap between two splits is hardly chance.
FEW_IMAGES = 100
# Points between two accuracies of one scenario from which a remark says that they differ.
NOTABLE_GAP = 0.05


def remark_on_division(comparison: pd.DataFrame, data: dict) -> list[str]:
    """Remarks on what the intervals do not cover.

    Args:
        comparison: one row a scenario.
        data: the counts of metrics/data.json.
    """
    remarks = []
    if data["folds"] == 1:
        way_out = name_more_divisions(comparison, data)
        if int(comparison["seeds"].min()) == 1:
            remarks.append(
                "One division and one seed: intervals and tests are for these trained networks "
                "alone, and another seed or division may rank the scenarios otherwise. "
                f"training.seeds: [1, 2, 3] covers the first, {way_out} the second."
            )
        else:
            remarks.append(
                "One division: the intervals are for networks trained on these images of train, "
                f"and another division may rank the scenarios otherwise. {way_out} covers that."
            )
    images, split = int(comparison["images"].iloc[0]), comparison["split"].iloc[0]
    if images < FEW_JUDGED:
        remarks.append(
            f"{images:,} {split} images: with fewer than about {FEW_JUDGED} the intervals may hold "
            "less often than 95 %, where more images would help much."
        )
    return remarks


def name_more_divisions(comparison: pd.DataFrame, data: dict) -> str:
    """Names the setting that has networks learn from other divisions of the images as well."""
    if data["folds"] > 1:
        return f"data.repeats: {int(comparison['repeats'].iloc[0]) + 1}"
    return "data.division: dissolve" if data["comes_divided"] else "data.folds: 5"


def remark_on_runs(comparison: pd.DataFrame, learnt: list[str], num_classes: int) -> list[str]:
    """Remarks on each scenario that learnt nothing, was cut off, or does worse on new images.

    Args:
        comparison: one row a scenario.
        learnt: scenarios clearly above what can be had without looking at an image.
        num_classes: among which one could guess.
    """
    remarks = []
    for row in comparison.itertuples():
        if row.scenario in learnt:
            remarks += remark_on_gaps(row)
        else:
            remarks.append(explain_failure(row, np.log(num_classes)))
        remarks += remark_on_end(row)
    return remarks


def remark_on_sizes(comparison: pd.DataFrame) -> list[str]:
    """Remarks on a scenario whose networks are not all of one size.

    Args:
        comparison: one row a scenario.
    """
    names = list(comparison.loc[comparison["networks"] > 1, "scenario"])
    if not names:
        return []
    return [
        f"Folds chose networks of different sizes for {join(names)}: parameters and "
        "multiplications are means over them."
    ]


def remark_on_end(row: tuple) -> list[str]:
    """Remarks on a scenario whose epochs ran out.

    Args:
        row: of the comparison.
    """
    if not row.unfinished_runs:
        return []
    return [
        f"{row.scenario} was still improving when its epochs ran out, in {row.unfinished_runs} of "
        f"{row.runs} runs: more epochs may raise it."
    ]


def explain_failure(row: tuple, loss_of_guessing: float) -> str:
    """Says what a scenario that is no better than not looking has most likely run into.

    Args:
        row: of the comparison.
        loss_of_guessing: log loss of giving every class the same probability.
    """
    found = f"{row.scenario} is not clearly better than not looking at the images"
    if row.train_accuracy - row.val_accuracy > NOTABLE_GAP:
        return (
            f"{found}: {points(row.train_accuracy)} % on train and {points(row.val_accuracy)} % on "
            "val, so what it learnt of single images does not carry over."
        )
    if row.val_loss > loss_of_guessing:
        return (
            f"{found}: its validation loss, {row.val_loss:.3g}, is above the "
            f"{loss_of_guessing:.3g} of guessing: its training went astray, or hardly began. Where "
            "its loss in plots/learning_curves.png rises or jumps, lower "
            f"{row.scenario}.learning_rate; where it hardly falls, raise it, or the epochs."
        )
    return f"{found}."


def remark_on_gaps(row: tuple) -> list[str]:
    """Remarks on a scenario that does better on the images it was trained on, or chosen by.

    Args:
        row: of the comparison.
    """
    from_train, from_val = (
        known - row.accuracy for known in (row.train_accuracy, row.val_accuracy)
    )
    surprising = from_val > NOTABLE_GAP and row.val_accuracy > row.accuracy_high
    once = row.split == "test" and row.folds == 1
    if once and surprising and from_train - from_val < NOTABLE_GAP:
        return [
            f"{row.scenario} is {points(from_val)} points worse on test than on val, and about as "
            "good on val as on train: the test images seem to be of another kind"
            f"{', or too few to tell' if row.images < FEW_IMAGES else ''}."
        ]
    if from_train > NOTABLE_GAP and row.train_accuracy > row.accuracy_high:
        return [
            f"{row.scenario} is right on {points(from_train)} points more of the images that it "
            f"was trained on than of the {row.split} images."
        ]
    return []


def remark_on_split(split: str, folds: int) -> list[str]:
    """Remarks on figures that are not of the images for testing."""
    if split == "test":
        return []
    told = (
        "No network was judged by the test images of its fold (evaluation.split: val). These "
        "figures are of the images by which the epochs were chosen, and flatter a little."
    )
    if folds == 1:
        return [told]
    return [
        f"{told} Each of these images is for testing in another fold: settings that are chosen by "
        "them make the test figures a little too good as well. Images that are kept apart from the "
        "start would not."
    ]


def remark_on_left_out(data: dict) -> list[str]:
    """Remarks on files that were left out, where they are many or most of a class's.

    Args:
        data: the counts of metrics/data.json.
    """
    remarks = []
    if leaves_out_many_of_all(data):
        reasons = "; ".join(f"{kind}: {count:,}" for kind, count in data["lost_by_reason"].items())
        remarks.append(
            f"{data['lost']:,} of {data['files']:,} files "
            f"({points(data['lost'] / data['files'])} %) were left out ({reasons}). "
            "data/pipeline/rejected.csv names each."
        )
    poor = [
        f"{name} ({count:,} of {data['files_by_class'][name]:,})"
        for name, count in list_poor_classes(data).items()
    ]
    if poor:
        remarks.append(f"A quarter or more of a class's files was left out: {join_first(poor)}.")
    return remarks


def remark_on_data(data: dict) -> list[str]:
    """Remarks on classes too small to judge, and on uneven ones."""
    remarks = []
    small = {
        name: counts["tested"]
        for name, counts in data["classes"].items()
        if counts["tested"] < FEW_TEST_IMAGES
    }
    if small:
        listed = join_first([f"{name} ({count})" for name, count in small.items()])
        remarks.append(
            f"Fewer than {FEW_TEST_IMAGES} test images: {listed}. Figures of these classes mean "
            "little."
        )
    sizes = [sum(counts[split] for split in SPLITS) for counts in data["classes"].values()]
    if max(sizes) > 2 * min(sizes):
        remarks.append(
            f"Classes are uneven, from {min(sizes)} to {max(sizes)} images: read macro F1 beside "
            "accuracy; training.class_weights: balanced weighs classes alike."
        )
    return remarks


def remark_on_processors(processors: list[str]) -> list[str]:
    """Remarks on runs of several kinds of machines.

    Args:
        processors: that trained the runs, each once.
    """
    if len(processors) < 2:
        return []
    return [
        f"Runs were trained on different processors ({join(processors)}), whose arithmetic differs "
        "in the last bits: as large a difference as between two seeds. On one of them alone the "
        "same settings give the same bits."
    ]


def remark_on_pixels(pixel_range: list[int]) -> list[str]:
    if pixel_range == [-1, 1]:
        return []
    return [
        f"MobileNetV2 saw pixels in {pixel_range}, and learnt on [-1, 1]: its features are not "
        "those that its weights were made for."
    ]
