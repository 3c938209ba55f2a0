"""predictions.csv: what every table is made from. One row a seed and image of val and test.

Columns: seed, split, image (path in the source), actual (class name), then p(<class>) for each
class, in the order of the class names.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

# Six significant digits keep the file small. Probabilities are rounded when they are tabulated, so
# that every figure, DVCLive's too, is computed from what the file says.
FLOAT_FORMAT = "%.6g"


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


def tabulate(
    seed: int,
    split: str,
    paths: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: list[str],
) -> pd.DataFrame:
    """Makes the rows of one run and split.

    Args:
        seed: of the run.
        split: "val" or "test".
        paths: (examples,) path of each image in the source.
        labels: (examples,) int, an index into the class names.
        probabilities: (examples, classes).
        classes: class names.
    """
    about = {
        "seed": seed,
        "split": split,
        "image": paths,
        "actual": np.asarray(classes, dtype=object)[labels],
    }
    rounded = np.char.mod(FLOAT_FORMAT, probabilities).astype(np.float64)
    columns = {name: rounded[:, index] for index, name in enumerate(probability_columns(classes))}
    return pd.DataFrame(about | columns)


def probability_columns(classes: list[str]) -> list[str]:
    return [f"p({name})" for name in classes]


def normalise(probabilities: np.ndarray) -> np.ndarray:
    """Makes the last axis sum to 1 again, which rounded probabilities do not quite."""
    return probabilities / probabilities.sum(axis=-1, keepdims=True)


def name_winners(table: pd.DataFrame, classes: list[str]) -> np.ndarray:
    """Names the predicted class of each row: (rows,) str; of equals the first class wins."""
    winners = table[probability_columns(classes)].to_numpy().argmax(axis=1)
    return np.asarray(classes, dtype=object)[winners]


def write_predictions(path: Path, tables: list[pd.DataFrame]) -> None:
    """Writes the rows of runs; of no run at all, an empty file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pd.concat(tables) if tables else pd.DataFrame()
    table.to_csv(path, index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def join_predictions(path: Path, parts: list[Path]) -> None:
    """Joins the rows of several files, of which some may hold none, not even a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [part.read_text(encoding="utf-8").partition("\n") for part in parts]
    header = next(header for header, _, rows in texts if rows)
    path.write_text(header + "\n" + "".join(rows for _, _, rows in texts), "utf-8", newline="\n")


def read_scenarios(folders: dict[str, Path], split: str) -> dict[str, Predictions]:
    """Reads one split of each scenario's predictions.csv: by scenario."""
    return {
        name: read_predictions(folder / "predictions.csv", split)
        for name, folder in folders.items()
    }


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
