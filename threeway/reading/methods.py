"""How the comparison was made, in a paragraph that a paper can quote."""

from threeway.evidence.wording import name_points
from threeway.settings import Settings

# As in threeway/training/tuning.py, which no reader need import.
RANDOM_TRIALS, WHOLE_TRIALS = 5, 3


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
            describe_recipes(settings, machine),
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
        lacking = " A split that the source lacked was taken out of its images for training."
        return (
            f"{data['images']:,} images in {len(data['classes'])} classes {how}: {sizes} for "
            f"testing{kept}.{lacking if data['comes_divided'] else ''}"
        )
    tested = (
        ", so that every image was tested once in each division by networks that had not seen it"
    )
    tested = tested if row["split"] == "test" else ""
    again = f" {row['repeats']} times, independently," if row["repeats"] > 1 else ""
    return (
        f"{data['images']:,} images in {len(data['classes'])} classes were divided{again} into "
        f"{row['folds']} folds, stratified by class (seed {settings.data.seed}); in each fold "
        f"{sizes} for testing{tested}{kept}."
    )


def describe_split(row: dict) -> list[str]:
    """Says by which images scenarios were judged, where it was not those for testing."""
    if row["split"] == "test":
        return []
    return [
        "Scenarios were compared on the images for validation, which also chose the epoch that was "
        "kept; no network was judged by the images for testing of its fold."
    ]


def describe_training(row: dict, settings: Settings) -> str:
    """Says how networks were trained, and which of their epochs were kept."""
    seeds = ", ".join(map(str, settings.training.seeds))
    several = "s" if row["seeds"] > 1 else ""
    learnt = "trained on ImageNet" if settings.backbone.weights != "random" else "of random weights"
    return (
        "A convolutional network trained from scratch, a new head on frozen features of "
        f"MobileNetV2 {learnt} (Sandler et al., 2018), and the same network fine-tuned were "
        f"trained with Adam on images of {settings.image.resolution} x "
        f"{settings.image.resolution} pixels, with seed{several} {seeds}; of each, "
        "the epoch with the lowest validation loss was kept."
    )


def describe_recipes(settings: Settings, machine: dict) -> str:
    """Says where the recipes came from."""
    trials = settings.tuning.trials
    if not trials:
        return "Recipes were the same in every fold; they are in params.yaml beside these results."
    return (
        f"Each scenario's recipe was tuned in every fold by itself, with {trials} trials among the "
        f"ranges in params.yaml beside these results: {describe_trials(trials, machine)}. Once "
        f"{WHOLE_TRIALS} had run to their end, a trial was given up when its lowest validation "
        "loss, after a fifth of its epochs, was above the median of theirs in the same epoch "
        "(Golovin et al., 2017), and the recipe with the lowest validation loss was taken; images "
        "for testing had no part in it."
    )


def describe_trials(trials: int, machine: dict) -> str:
    """Says where the trials' recipes came from: as threeway/training/tuning.py has them."""
    optuna, drawn = f"Optuna {machine['optuna']}", min(trials - 1, RANDOM_TRIALS)
    if trials > RANDOM_TRIALS + 1:
        return (
            f"the recipe written there, {drawn} drawn at random, and further ones by a "
            f"tree-structured Parzen estimator (Bergstra et al., 2011; {optuna})"
        )
    others = f", and {drawn} drawn at random ({optuna})" if drawn else ""
    return f"the recipe written there{others}"


def describe_statistics(row: dict, settings: Settings) -> str:
    """Says what intervals and tests are, with their sources."""
    if row["folds"] == 1:
        variance = (
            "Intervals are for networks trained on this training set; their variance is that of "
            "groups of judged images and of seeds."
            if row["seeds"] > 1
            else "Intervals are for these trained networks; their variance is that of groups of "
            "judged images."
        )
    else:
        variance = (
            "Intervals are for networks trained on as many other images; their variance is that of "
            f"groups of images, multiplied by {1 + row['folds'] / (2 * (row['folds'] - 1)):.4g} "
            "(half of the correction of Nadeau and Bengio, 2003: a calibration by simulation), and "
            "that between folds beyond it."
        )
    return (
        f"{variance} All have pseudo-observations (after Bonett and Price, 2012) and Student's "
        "quantile, with Satterthwaite's (1946) degrees of freedom where runs vary beyond chance; "
        "accuracies have Wilson's (1927) interval at the effective number of images, and so has "
        "macro F1, of all folds' answers together, linearised by the delta method (Takahashi et "
        "al., 2022). Intervals and p-values of the three pairs are Bonferroni's. That no other "
        f"scenario is more than {name_points(settings.verdict.margin)} more accurate was tested "
        "one-sided against each (intersection-union, Berger and Hsu, 1996), at 5 % divided by the "
        "number of scenarios above chance less one."
    )
