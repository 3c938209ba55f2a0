"""What scenarios answered, read from predictions.csv."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from threeway.run import PREDICTIONS


@dataclass(frozen=True)
class Predictions:
    """What one scenario predicted for one split, all seeds.

    Attributes:
        classes: class names.
        seeds: (seeds,) int.
        images: (images,) paths.
        actual: (images,) int, an index into classes.
        probabilities: (seeds, images, classes) float64.
    """

    classes: list[str]
    seeds: np.ndarray
    images: np.ndarray
    actual: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """(seeds, images) int; of equal probabilities the first class wins."""
        return self.probabilities.argmax(axis=2)

    @property
    def correct(self) -> np.ndarray:
        """(seeds, images) bool."""
        return self.predicted == self.actual


def read_scenarios(folders: dict[str, Path], split: str) -> dict[str, Predictions]:
    """Reads one split of each scenario's predictions.csv: by scenario."""
    return {name: read_predictions(folder / PREDICTIONS, split) for name, folder in folders.items()}


def read_predictions(path: Path, split: str) -> Predictions:
    """Reads one split of a predictions.csv.

    Raises:
        ValueError: the seeds do not cover the same images, so the file was edited or cut.
    """
    text = dict.fromkeys(["split", "image", "actual"], str)
    table = pd.read_csv(path, dtype=text, keep_default_na=False)
    table = table[table["split"] == split]
    columns = [name for name in table.columns if name.startswith("p(")]
    classes = [name[2:-1] for name in columns]
    runs = [run for _, run in table.groupby("seed", sort=True)]
    first = runs[0]
    for run in runs:
        if list(run["image"]) != list(first["image"]):
            raise ValueError(f"{path}: seeds {first['seed'].iat[0]} and {run['seed'].iat[0]} "
                             f"cover different images of {split}")  # fmt: skip
    return Predictions(
        classes=classes,
        seeds=np.array([run["seed"].iat[0] for run in runs]),
        images=first["image"].to_numpy(),
        actual=np.array([classes.index(name) for name in first["actual"]]),
        probabilities=np.stack([run[columns].to_numpy(np.float64) for run in runs]),
    )
