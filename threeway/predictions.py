"""predictions.csv: what every table is made from. One row a run and image of val and test.

Columns: fold, seed, split, image (path in the source), group (what must stay together with others;
once it is tracked), actual (class name), then p(<class>) for each class, in the order of the class
names.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from threeway.records import read_names, write_csv
from threeway.run import Run

# Six significant digits keep the file small. Probabilities are rounded when they are tabulated, so
# that every figure, DVCLive's too, is computed from what the file says.
FLOAT_FORMAT = "%.6g"


def tabulate(
    run: Run,
    split: str,
    paths: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: list[str],
) -> pd.DataFrame:
    """Makes the rows of one run and split.

    Args:
        run: which.
        split: "val" or "test".
        paths: (examples,) path of each image in the source.
        labels: (examples,) int, an index into the class names.
        probabilities: (examples, classes).
        classes: class names.
    """
    about = {
        "fold": run.fold,
        "seed": run.seed,
        "split": split,
        "image": paths,
        "actual": np.asarray(classes, dtype=object)[labels],
    }
    rounded = np.char.mod(FLOAT_FORMAT, probabilities).astype(np.float64)
    columns = {name: rounded[:, index] for index, name in enumerate(probability_columns(classes))}
    return pd.DataFrame(about | columns)


def mark_answers(run: Run, num_train: int, rows: pd.DataFrame) -> pd.DataFrame:
    """Marks which images a run tells right, where that is all that is asked: its rows of
    learning_curve.csv, with scenario, share, trained_on, fold, seed, image and correct (0 or 1).

    Args:
        run: which.
        num_train: images that it learnt from.
        rows: of predictions.csv.
    """
    classes = [name[2:-1] for name in rows.columns if name.startswith("p(")]
    correct = name_winners(rows, classes) == rows["actual"].to_numpy()
    about = {"scenario": run.scenario, "share": run.share, "trained_on": num_train}
    about |= {"fold": run.fold, "seed": run.seed, "image": rows["image"]}
    return pd.DataFrame(about | {"correct": correct.astype(int)})


def probability_columns(classes: list[str]) -> list[str]:
    return [f"p({name})" for name in classes]


def normalise(probabilities: np.ndarray) -> np.ndarray:
    """Makes the last axis sum to 1 again, which rounded probabilities do not quite."""
    return probabilities / probabilities.sum(axis=-1, keepdims=True)


def name_winners(table: pd.DataFrame, classes: list[str]) -> np.ndarray:
    """Names the predicted class of each row: (rows,) str; of equals the first class wins."""
    winners = table[probability_columns(classes)].to_numpy().argmax(axis=1)
    return np.asarray(classes, dtype=object)[winners]


def read_answers(path: Path, run: Run) -> pd.DataFrame:
    """Reads the rows of one run: see predictions.csv."""
    names = dict.fromkeys(["split", "image", "actual"], str)
    table = pd.read_csv(path, dtype=names, keep_default_na=False)
    return table[(table["fold"] == run.fold) & (table["seed"] == run.seed)]


def write_predictions(path: Path, tables: list[pd.DataFrame]) -> None:
    """Writes the rows of runs; of no run at all, an empty file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pd.concat(tables) if tables else pd.DataFrame()
    table.to_csv(path, index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def join_predictions(path: Path, parts: list[Path], groups: dict[str, str]) -> None:
    """Joins the rows of several files, and says of each image which group it is in.

    Args:
        path: of the file to write.
        parts: of which some may hold no rows, not even a header.
        groups: of each image, by its path.
    """
    # As text: no digit changes.
    tables = [read_names(part) for part in parts if part.stat().st_size > 1]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=["image"])
    table.insert(table.columns.get_loc("image") + 1, "group", table["image"].map(groups))
    write_csv(path, table)
