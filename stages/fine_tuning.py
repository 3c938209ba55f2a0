"""Trains the upper part of MobileNetV2 together with the converged head, for each fold and seed,
after the trials that are asked for.

Reads data/pipeline/index.csv, split.csv, images.npy, the backbone, and the heads that
feature_extraction trained. Writes a folder for each run in data/pipeline/runs/fine_tuning/ (record,
model, predictions.csv of val), what was tried in data/pipeline/trials/fine_tuning/, and
data/pipeline/seconds/fine_tuning.json. While it runs, data/pipeline/frozen/ holds what the frozen
layers make of images.
"""

from threeway.artefacts import FROZEN
from threeway.errors import run_stage
from threeway.execution.scratch import open_scratch
from threeway.settings import load_settings
from threeway.training.fine_tuning import WAY
from threeway.training.scenario import train_scenario


def main() -> None:
    settings = load_settings(
        "image",
        "augmentation",
        "machine",
        "training",
        "feature_extraction",
        "fine_tuning",
        "tuning.trials",
        "tuning.augmented_share",
        "tuning.fine_tuning",
    )
    with open_scratch(FROZEN):
        train_scenario(WAY, settings)


if __name__ == "__main__":
    run_stage(main)
