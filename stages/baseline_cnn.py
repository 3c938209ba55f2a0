"""Trains the small CNN from scratch, once for each fold and seed, after the trials that are asked
for.

Reads data/pipeline/index.csv, split.csv and images.npy. Writes a folder for each run in
data/pipeline/runs/baseline_cnn/ (record, model, predictions.csv of val), what was tried in
data/pipeline/trials/baseline_cnn/, and data/pipeline/seconds/baseline_cnn.json.
"""

from threeway.errors import run_stage
from threeway.settings import load_settings
from threeway.training.baseline_cnn import WAY
from threeway.training.scenario import train_scenario


def main() -> None:
    settings = load_settings(
        "image",
        "augmentation",
        "machine",
        "training",
        "baseline_cnn",
        "tuning.trials",
        "tuning.augmented_share",
        "tuning.baseline_cnn",
    )
    train_scenario(WAY, settings)


if __name__ == "__main__":
    run_stage(main)
