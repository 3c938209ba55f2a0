"""Trains a head on the frozen backbone's features, once for each seed.

Reads data/pipeline/features/. Writes data/pipeline/models/feature_extraction/ (the heads),
data/pipeline/runs/feature_extraction/ (DVCLive records and predictions.csv) and
data/pipeline/seconds/feature_extraction.json.
"""

from pathlib import Path

import numpy as np

from threeway.errors import run_stage
from threeway.examples.images import list_classes, read_index, select
from threeway.intake.splitting import LEARNING_SPLITS
from threeway.networks.networks import build_head
from threeway.runtime import pin_threads
from threeway.settings import load_settings
from threeway.training.fitting import make_recipe, pick_views
from threeway.training.runs import Start, run_scenario


def main() -> None:
    # Of the image, nothing is needed here; but it is what these weights were trained with.
    settings = load_settings("image", "machine", "training", "feature_extraction")
    pin_threads(settings.machine.threads)
    index = read_index(Path("data/pipeline/features/index.csv"))
    classes = list_classes(index)
    features = {name: np.load(f"data/pipeline/features/{name}.npy") for name in LEARNING_SPLITS}
    views = features["train"]
    # The plain image is the first view; what the head is judged by is not augmented.
    plain = features | {"train": views[:, 0]}
    splits = {
        name: select(index[index["split"] == name], plain[name], name) for name in LEARNING_SPLITS
    }
    head = settings.feature_extraction

    def begin(seed: int) -> Start:
        network = build_head(len(classes), head.hidden_units, head.dropout)

        def view(rows: np.ndarray, epoch: int) -> np.ndarray:
            return views[rows, pick_views(seed, epoch, *views.shape[:2])[rows]]

        return Start(network, view, saved=network)

    run_scenario(
        begin,
        splits,
        classes,
        settings.training.seeds,
        make_recipe(settings.training, head),
        models=Path("data/pipeline/models/feature_extraction"),
        runs=Path("data/pipeline/runs/feature_extraction"),
        seconds=Path("data/pipeline/seconds/feature_extraction.json"),
    )


if __name__ == "__main__":
    run_stage(main)
