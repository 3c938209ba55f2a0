"""predictions.csv: what every table is made from. One row a seed and image of val and test.

Columns: seed, split, image (path in the source), actual (class name), then p(<class>) for each
class, in the order of the class names.
"""

from pathlib import Path

import numpy as np
import pandas as pd

# Six significant digits keep the file small. Probabilities are rounded when they are tabulated, so
# that every figure, DVCLive's too, is computed from what the file says.
FLOAT_FORMAT = "%.6g"


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
