"""Trains a head on the frozen backbone's features, once for each fold and seed, after the trials
that are asked for.

Reads data/pipeline/index.csv, split.csv, features.npy and the backbone, whose digest a head's card
has. Writes a folder for each run in data/pipeline/runs/feature_extraction/ (record, model: the
head, predictions.csv of val), what was tried in data/pipeline/trials/feature_extraction/, and
data/pipeline/seconds/feature_extraction.json.
"""

from threeway.errors import run_stage
from threeway.settings import load_settings
from threeway.training.feature_extraction import WAY
from threeway.training.scenario import train_scenario


def main() -> None:
    # Of the image, nothing is needed here; but it is what these weights were trained with.
    settings = load_settings(
        "image",
        "machine",
        "training",
        "feature_extraction",
        "tuning.trials",
        "tuning.augmented_share",
        "tuning.feature_extraction",
    )
    train_scenario(WAY, settings)


if __name__ == "__main__":
    run_stage(main)
