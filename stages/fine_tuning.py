"""Trains the upper part of MobileNetV2 together with the converged head, once for each seed.

Reads data/pipeline/index.csv, split.csv, images.npy, the backbone, and the heads that
feature_extraction trained. Writes a folder for each run in data/pipeline/runs/fine_tuning/ (record,
model, predictions.csv of val), and data/pipeline/seconds/fine_tuning.json. While it runs,
data/pipeline/frozen/ holds what the frozen layers make of images.
"""

from threeway.artefacts import FROZEN
from threeway.errors import run_stage
from threeway.settings import load_settings
from threeway.training.fine_tuning import begin, embed_images
from threeway.training.frozen import open_scratch
from threeway.training.runs import train_scenario


def main() -> None:
    settings = load_settings(
        "image", "augmentation", "machine", "training", "feature_extraction", "fine_tuning"
    )
    with open_scratch(FROZEN):
        embed_images(settings)
        train_scenario("fine_tuning", begin, settings)


if __name__ == "__main__":
    run_stage(main)
