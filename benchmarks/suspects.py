"""Whether wrong labels come first among the suspects: planted ones, on any sets of images.

    python -m benchmarks.suspects RESOLUTION SOURCE...

Each SOURCE, a folder or an archive, is embedded by a copy of the project. Of its labels 5 % are
made wrong, a head is trained on the frozen features of four folds and asked about the fifth, and of
as many first suspects as were planted it is counted how many are: three times, mean. Labels that
were wrong before count as found in vain.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.checkout import copy_working_tree
from benchmarks.unlike import embed
from threeway.evidence.answers import Predictions
from threeway.evidence.suspects import find_suspects
from threeway.examples.dataset import Dataset
from threeway.reading.markup import align_table

PLANTED, TIMES = 0.05, 3


def answer(features: np.ndarray, labels: np.ndarray, folds: list[Dataset]) -> Predictions:
    """Answers each image with a head that has not seen it."""
    classes = folds[0].classes
    probabilities = np.zeros((1, len(labels), len(classes)))
    tested = np.zeros((1, len(labels)), int)
    for number, fold in enumerate(folds, start=1):
        train, test = fold.splits != "test", fold.find("test")
        head = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=300))
        probabilities[0, test] = head.fit(features[train], labels[train]).predict_proba(
            features[test]
        )
        tested[0, test] = number
    return Predictions(
        classes=classes,
        repeats=np.array([0]),
        seeds=np.array([1]),
        folds=tested,
        images=folds[0].paths,
        groups=folds[0].paths,
        actual=labels,
        probabilities=probabilities,
    )


def plant(labels: np.ndarray, num_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Makes some labels wrong: (all labels, which are wrong now)."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), round(PLANTED * len(labels)), replace=False)
    changed = labels.copy()
    changed[rows] = (labels[rows] + rng.integers(1, num_classes, len(rows))) % num_classes
    return changed, rows


def measure(features: np.ndarray, folds: list[Dataset], seed: int) -> dict[str, float]:
    """Measures precision among the first suspects: as many as were planted, and half as many."""
    labels, rows = plant(folds[0].labels, len(folds[0].classes), seed)
    found = find_suspects(answer(features, labels, folds))["image"]
    planted = set(folds[0].paths[rows])
    hits = np.array([path in planted for path in found])
    return {
        "planted": len(rows),
        "suspects": len(found),
        "right among the first half as many, %": 100 * hits[: len(rows) // 2].mean(),
        "right among as many, %": 100 * hits[: len(rows)].mean(),
        "found among all suspects, %": 100 * hits.sum() / len(rows),
    }


def main() -> None:
    resolution, *sources = int(sys.argv[1]), *sys.argv[2:]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        copy_working_tree(project)
        for source in sources:
            features, folds = embed(project, str(Path(source).resolve()), resolution)
            found = pd.DataFrame([measure(features, folds, seed) for seed in range(TIMES)]).mean()
            about = {"images of": Path(source).name, "number": f"{len(features):,}"}
            rows.append(about | {name: f"{value:.0f}" for name, value in found.items()})
    print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
