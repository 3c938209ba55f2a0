"""How the comparison was made, in a paragraph that a paper can quote."""

from threeway.evidence.wording import name_points
from threeway.settings import Settings


def describe_methods(evidence: dict, data: dict, machine: dict, settings: Settings) -> str:
    """Words the methods of this very comparison.

    Args:
        evidence: content of metrics/comparison.json.
        data: the counts of metrics/data.json.
        machine: versions, of metrics/cost.json.
        settings: all.
    """
    row = next(iter(evidence["scenarios"].values()))
    return " ".join(
        [
            describe_division(row, data, settings),
            *describe_split(row),
            describe_training(row, settings),
            describe_statistics(row, settings),
            f"Computed with TensorFlow {machine['tensorflow']}, Keras {machine['keras']}, NumPy "
            f"{machine['numpy']} and scikit-learn {machine['scikit-learn']} on Python "
            f"{machine['python']}, tracked with DVC {machine['dvc']} and DVCLive "
            f"{machine['dvclive']}.",
        ]
    )


def describe_division(row: dict, data: dict, settings: Settings) -> str:
    """Says which images were tested by networks trained on which others."""
    kept = (
        "; copies and other images of one group stayed together"
        if data["tested_groups"] < data["tested"]
        else ""
    )
    sizes = f"{data['train']:,} for training, {data['val']:,} for validation and {data['test']:,}"
    if row["folds"] == 1:
        how = "came divided" if data["comes_divided"] else "were divided once, stratified by class"
        return (
            f"{data['images']:,} images in {len(data['classes'])} classes {how}: {sizes} for "
            f"testing{kept}."
        )
    tested = ", so that every image was tested once a division by networks that had not seen it"
    tested = tested if row["split"] == "test" else ""
    again = f", {row['repeats']} times anew" if row["repeats"] > 1 else ""
    return (
        f"{data['images']:,} images in {len(data['classes'])} classes were divided into "
        f"{row['folds']} folds, stratified by class{again} (seed {settings.data.seed}); in each "
        f"fold {sizes} for testing{tested}{kept}."
    )


def describe_split(row: dict) -> list[str]:
    """Says by which images scenarios were judged, where it was not those for testing."""
    if row["split"] == "test":
        return []
    return [
        "Scenarios were compared on the images for validation, which also chose the epoch that was "
        "kept; those for testing were not looked at."
    ]


def describe_training(row: dict, settings: Settings) -> str:
    """Says how networks were trained, and which of their epochs were kept."""
    seeds = ", ".join(map(str, settings.training.seeds))
    several = "s" if row["seeds"] > 1 else ""
    return (
        "A convolutional network trained from scratch, frozen MobileNetV2 features (Sandler et "
        "al., 2018) with a new head, and fine-tuned MobileNetV2 were trained with Adam on images "
        f"of {settings.image.resolution} x {settings.image.resolution} pixels, with seed{several} "
        f"{seeds}; of each, the epoch with the lowest validation loss was kept. Recipes were the "
        "same in every fold, and are in the settings below."
    )


def describe_statistics(row: dict, settings: Settings) -> str:
    """Says what intervals and tests are, with their sources."""
    if row["folds"] == 1:
        variance = (
            "Intervals are for networks trained on this training set; their variance is that of "
            "groups of test images and, where there are several, of seeds."
        )
    else:
        variance = (
            "Intervals are for networks trained on as many other images; their variance is that of "
            "groups of images, raised by half of the correction of Nadeau and Bengio (2003), and "
            "that between folds beyond it."
        )
    return (
        f"{variance} Accuracies have Wilson's (1927) interval at the effective number of images, "
        "and so has macro F1, linearised by the delta method (Takahashi et al., 2022); "
        "differences have Student's, with pseudo-observations (Bonett and Price, 2012) and "
        "Satterthwaite's (1946) degrees of freedom; intervals and p-values of the three pairs are "
        "Bonferroni's. Practical equality was tested at a margin of "
        f"{name_points(settings.verdict.margin)} by an intersection-union test (Berger and Hsu, "
        "1996)."
    )
