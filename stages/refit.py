"""Trains the scenario to use once more, on all images: the model that one takes home.

Reads metrics/comparison.json, trust.json and classes.csv, data/pipeline/source.json, index.csv,
split.csv, images.npy, features.npy and the backbone. Writes data/model/: model.keras, model.tflite,
novelty.tflite, card.json and MODEL_CARD.md; and data/pipeline/refit/, the run. Both are empty where
refit.scenario is none, or recommended and the verdict says to use none.
"""

import numpy as np

from threeway.artefacts import FEATURES, FROZEN, METRICS, REFIT, SOURCE, TAKEN_HOME
from threeway.errors import run_stage
from threeway.reading.model_card import format_model_card
from threeway.records import read_csv, read_json, write_json, write_text
from threeway.settings import Settings, load_settings
from threeway.splits import NO_TEST


def choose(wanted: str, choice: str | None) -> str | None:
    """Chooses the scenario to train; None for none.

    Args:
        wanted: refit.scenario.
        choice: what the verdict says to use, if anything.
    """
    return choice if wanted == "recommended" else wanted if wanted != "none" else None


def make(scenario: str, settings: Settings, evidence: dict) -> None:
    """Trains a scenario on all images, and writes the model with all that is known of it."""
    # TensorFlow is for those to wait for who want a model.
    from threeway.examples.dataset import count_folds, read_dataset
    from threeway.execution.scratch import open_scratch
    from threeway.model.about import CARD, describe_model
    from threeway.model.card import read_card
    from threeway.model.novelty import find_threshold
    from threeway.model.taken_home import write_model
    from threeway.runtime import pin_threads
    from threeway.training.refit import train_chosen

    pin_threads(settings.machine.threads)
    with open_scratch(FROZEN):
        folder = train_chosen(scenario, settings)
    features, dataset = np.load(FEATURES, mmap_mode="r")[:, 0], read_dataset(NO_TEST)
    folds = [read_dataset(fold) for fold in range(1, count_folds() + 1)]
    wanted, split = settings.refit.false_alarms, evidence["split"]
    about = describe_model(
        card=read_card(folder),
        source=read_json(SOURCE),
        backbone=settings.backbone.weights,
        counts=dataset.count_classes(),
        evidence=evidence,
        trust=read_json(METRICS / "trust.json"),
        classes=read_csv(METRICS / "classes.csv", text=["class"]),
        unlike=find_threshold(features, folds, split, wanted),
    )
    write_model(TAKEN_HOME, folder, about, features, dataset)
    write_json(TAKEN_HOME / CARD, about.model_dump())
    write_text(TAKEN_HOME / "MODEL_CARD.md", format_model_card(about.model_dump()))
    print(f"{scenario}, trained on all {len(dataset.labels):,} images: {TAKEN_HOME}/MODEL_CARD.md")


def main() -> None:
    settings = load_settings(
        "image",
        "augmentation",
        "backbone",
        "machine",
        "training",
        "baseline_cnn",
        "feature_extraction",
        "fine_tuning",
        "tuning",
        "refit",
    )
    evidence = read_json(METRICS / "comparison.json")
    for folder in (TAKEN_HOME, REFIT):
        folder.mkdir(parents=True, exist_ok=True)
    scenario = choose(settings.refit.scenario, evidence["verdict"]["choice"])
    if scenario:
        make(scenario, settings, evidence)
    elif settings.refit.scenario == "recommended":
        print(
            "no model: the verdict says to use none of the scenarios; refit.scenario takes a name"
        )


if __name__ == "__main__":
    run_stage(main)
