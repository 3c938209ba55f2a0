"""The methods paragraph says what was done in this very comparison, and nothing else."""

from pathlib import Path

import pytest

from threeway.reading import methods
from threeway.reading.methods import describe_methods
from threeway.settings import Settings, load_settings
from threeway.training import tuning

SETTINGS = load_settings(*Settings.model_fields, path=Path(__file__).parents[2] / "params.yaml")
VERSIONS = {
    "tensorflow": "2.21.0",
    "keras": "3.15.0",
    "numpy": "2.4.0",
    "scikit-learn": "1.9.0",
    "optuna": "4.9.0",
    "python": "3.11.7",
    "dvc": "3.67.0",
    "dvclive": "3.49.1",
}
FOLDS = {"folds": 5, "repeats": 1, "seeds": 1, "split": "test"}
DATA = {
    "images": 2000,
    "classes": {"cat": {}, "dog": {}},
    "train": 1316,
    "val": 284,
    "test": 400,
    "tested": 2000,
    "tested_groups": 1990,
    "comes_divided": False,
}


def word(row: dict | None = None, data: dict | None = None, trials: int = 0) -> str:
    evidence = {"scenarios": {"baseline_cnn": FOLDS | (row or {})}}
    tuned = SETTINGS.replace({"tuning.trials": trials})
    return describe_methods(evidence, DATA | (data or {}), VERSIONS, tuned)


def test_folds_say_that_every_image_was_tested_and_what_stayed_together():
    told = word()
    assert told.startswith(
        "2,000 images in 2 classes were divided into 5 folds, stratified by class (seed 2026); in "
        "each fold 1,316 for training, 284 for validation and 400 for testing, so that every image "
        "was tested once in each division by networks that had not seen it; copies and other "
        "images of one group stayed together. "
    )
    assert "as many other images" in told
    assert "TensorFlow 2.21.0, Keras 3.15.0" in told
    assert "of one group" not in word(data={"tested_groups": 2000})
    assert "were divided 2 times, independently, into 5 folds" in word({"repeats": 2})
    assert "multiplied by 1.625 (half of the correction of Nadeau and Bengio, 2003: a cal" in told
    assert "MobileNetV2 trained on ImageNet" in told


def test_one_division_claims_no_more_than_it_is():
    told = word({"folds": 1}, {"test": 300, "tested": 300, "tested_groups": 300})
    assert told.startswith("2,000 images in 2 classes were divided once, stratified by class: ")
    assert "Intervals are for these trained networks; " in told
    assert "networks trained on this training set" in word({"folds": 1, "seeds": 3})
    assert "fold" not in told.split("Recipes")[0]
    given = word({"folds": 1}, {"comes_divided": True})
    assert given.startswith("2,000 images in 2 classes came divided: ")
    assert "A split that the source lacked was taken out of its images for training." in given


@pytest.mark.parametrize("folds", [1, 5])
def test_what_was_judged_by_val_is_not_said_to_be_tested(folds):
    told = word({"split": "val", "folds": folds})
    assert "every image was tested" not in told
    assert "no network was judged by the images for testing of its fold" in told


AS_WRITTEN = "Recipes were the same in every fold; they are in params.yaml beside these results."
TUNED = (
    "Each scenario's recipe was tuned in every fold by itself, with {trials} trials among the "
    "ranges in params.yaml beside these results: {how}. Once 3 had run to their end, a trial was "
    "given up when its lowest validation loss, after a fifth of its epochs, was above the median "
    "of theirs in the same epoch (Golovin et al., 2017), and the recipe with the lowest validation "
    "loss was taken; images for testing had no part in it. "
)


@pytest.mark.parametrize(
    ("trials", "how"),
    [
        (1, "the recipe written there"),
        (2, "the recipe written there, and 1 drawn at random (Optuna 4.9.0)"),
        (6, "the recipe written there, and 5 drawn at random (Optuna 4.9.0)"),
        (
            7,
            "the recipe written there, 5 drawn at random, and further ones by a tree-structured "
            "Parzen estimator (Bergstra et al., 2011; Optuna 4.9.0)",
        ),
    ],
)
def test_recipes_that_were_tuned_are_said_to_be_and_how(trials, how):
    told = word(trials=trials)
    assert AS_WRITTEN not in told
    assert f"was kept. {TUNED.format(trials=trials, how=how)}" in told
    assert methods.RANDOM_TRIALS == tuning.RANDOM_TRIALS
    assert (methods.WHOLE_TRIALS, 1 / 5) == (tuning.UNJUDGED_TRIALS, tuning.UNJUDGED_SHARE)


def test_recipes_that_were_not_tuned_are_said_to_be_those_that_are_written():
    assert f"was kept. {AS_WRITTEN} " in word()
    assert "Optuna" not in word()
