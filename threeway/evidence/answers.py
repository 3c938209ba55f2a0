"""What scenarios answered, read from predictions.csv."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from threeway.predictions import probability_columns
from threeway.run import PREDICTIONS


@dataclass(frozen=True)
class Predictions:
    """What one scenario answered to the images of one split, each pass over them in a row.

    A pass takes each image once: with folds, from the run in whose split it is. There is a pass for
    each repeat of the division and each seed.

    Attributes:
        classes: class names.
        repeats: (passes,) int, from 0.
        seeds: (passes,) int.
        folds: (passes, images) int, from 1: which run answered.
        images: (images,) paths.
        groups: (images,) str: images of one group depend on each other.
        actual: (images,) int, an index into classes.
        probabilities: (passes, images, classes) float64.
    """

    classes: list[str]
    repeats: np.ndarray
    seeds: np.ndarray
    folds: np.ndarray
    images: np.ndarray
    groups: np.ndarray
    actual: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """(passes, images) int; of equal probabilities the first class wins."""
        return self.probabilities.argmax(axis=2)

    @property
    def correct(self) -> np.ndarray:
        """(passes, images) bool."""
        return self.predicted == self.actual

    @property
    def num_folds(self) -> int:
        """Folds of one division."""
        return int(self.folds.max()) // self.num_repeats

    @property
    def num_repeats(self) -> int:
        return int(self.repeats.max()) + 1


def read_scenarios(folders: dict[str, Path], split: str) -> dict[str, Predictions]:
    """Reads one split of each scenario's predictions.csv: by scenario."""
    return {name: read_predictions(folder / PREDICTIONS, split) for name, folder in folders.items()}


def read_predictions(path: Path, split: str) -> Predictions:
    """Reads one split of a predictions.csv, as it is compressed too.

    Of val the first division alone: another one chooses other images for it.

    Raises:
        ValueError: its runs do not cover the same images, so the file was edited or cut.
    """
    text = dict.fromkeys(["split", "image", "group", "actual"], str)
    table = pd.read_csv(path, dtype=text, keep_default_na=False)
    table = table[table["split"] == split]
    classes = [name[2:-1] for name in table.columns if name.startswith("p(")]
    # Earlier versions divided once, and did not say which images belong together.
    known = {"fold": 1, "group": table["image"]}
    table = table.assign(**{name: known[name] for name in known if name not in table.columns})
    num_folds = int(table["fold"].max()) // count_repeats(table)
    repeat = ((table["fold"] - 1) // num_folds).rename("repeat")
    table = pd.concat([repeat, table], axis=1)
    if split == "val":
        table = table[table["repeat"] == 0]
    table = table.sort_values(["repeat", "seed", "image"], kind="stable")
    passes = list(table.groupby(["repeat", "seed"], sort=True))
    (_, first), images = passes[0], list(passes[0][1]["image"])
    for (repeat, seed), one in passes:
        if list(one["image"]) != images:
            raise ValueError(
                f"{path}: seed {seed} of division {repeat + 1} covers other images of {split} than "
                f"seed {passes[0][0][1]} of the first"
            )
    columns = probability_columns(classes)
    return Predictions(
        classes=classes,
        repeats=np.array([repeat for (repeat, _), _ in passes]),
        seeds=np.array([seed for (_, seed), _ in passes]),
        folds=np.stack([one["fold"].to_numpy() for _, one in passes]),
        images=first["image"].to_numpy(),
        groups=first["group"].to_numpy(),
        actual=first["actual"].map(classes.index).to_numpy(np.int64),
        probabilities=np.stack([one[columns].to_numpy(np.float64) for _, one in passes]),
    )


def count_repeats(table: pd.DataFrame) -> int:
    """Counts how often the images were divided: the least number of divisions, each of as many
    folds, of which none has an image twice in the split.

    Raises:
        ValueError: a fold has an image twice, so the file was edited.
    """
    one_seed = table[table["seed"] == table["seed"].iloc[0]]
    folds = int(table["fold"].max())
    for repeats in range(1, folds + 1):
        division = (one_seed["fold"] - 1) // (folds // repeats)
        twice = pd.DataFrame({"division": division, "image": one_seed["image"]}).duplicated()
        if folds % repeats == 0 and not twice.any():
            return repeats
    raise ValueError("a fold has an image twice")


def take_seed(answers: Predictions, seed: int) -> Predictions:
    """Takes the passes of one seed."""
    own = answers.seeds == seed
    return replace(
        answers,
        repeats=answers.repeats[own],
        seeds=answers.seeds[own],
        folds=answers.folds[own],
        probabilities=answers.probabilities[own],
    )


def read_rows(path: Path) -> pd.DataFrame:
    """Reads a table of rows by scenario, fold, seed and image, formats.csv or learning_curve.csv:
    no row where nothing of the kind was asked for, or test is not looked at.
    """
    text = {"scenario": str, "image": str, "group": str}
    table = pd.read_csv(path, dtype=text, keep_default_na=False)
    return table if "scenario" in table.columns else table.assign(scenario=[])


def order_rows(rows: pd.DataFrame, answers: Predictions) -> pd.DataFrame:
    """Puts rows, one of each image and fold, in the order of answers, pass by pass."""
    images = np.broadcast_to(answers.images, answers.folds.shape)
    wanted = pd.MultiIndex.from_arrays([answers.folds.ravel(), images.ravel()])
    return rows.set_index(["fold", "image"]).loc[wanted]
