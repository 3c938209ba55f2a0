"""What tells images that are unlike all that a model was trained on, each set shown to the others.

    python -m benchmarks.unlike RESOLUTION SOURCE...

Each SOURCE, a folder or an archive, is embedded by a copy of the project. For each, five folds
give the threshold at which 5 % of its own images are called unlike; then all images of each other
set are measured, and noise. "new class": each class in turn is left out, and measured. It compares
what threeway does (threeway/model/novelty.py) with the cosine to the mean of each class, the
distance without shortened features, the fifth nearest image of training, and how sure a head is.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.checkout import change_params, copy_working_tree, run
from threeway.artefacts import BACKBONE, FEATURES, INDEX, SPLIT
from threeway.examples.dataset import Dataset, list_classes
from threeway.model.novelty import Novelty, shorten
from threeway.networks.litert import compile_frozen
from threeway.networks.transfer import build_backbone, build_trunk
from threeway.networks.weights import load_weights
from threeway.reading.markup import align_table
from threeway.records import read_names
from threeway.splits import NO_TEST

FALSE_ALARMS, NUM_NOISE, NEIGHBOURS = 0.05, 200, 5

# Features to how unlike they are.
Measure = Callable[[np.ndarray], np.ndarray]


def by_novelty(features: np.ndarray, labels: np.ndarray) -> Measure:
    return Novelty.fit(features, labels).measure


def by_distance(features: np.ndarray, labels: np.ndarray) -> Measure:
    means = average_classes(features, labels)
    covariance, _ = ledoit_wolf(features - means[labels], assume_centered=True)
    inverse = np.linalg.inv(covariance)

    def measure(given: np.ndarray) -> np.ndarray:
        rest = [given - mean for mean in means]
        return np.min([np.einsum("ij,ij->i", some @ inverse, some) for some in rest], axis=0)

    return measure


def by_cosine(features: np.ndarray, labels: np.ndarray) -> Measure:
    means = shorten(average_classes(shorten(features), labels))
    return lambda given: 1 - (shorten(given) @ means.T).max(axis=1)


def by_neighbour(features: np.ndarray, labels: np.ndarray) -> Measure:
    known = shorten(features)

    def measure(given: np.ndarray) -> np.ndarray:
        return 1 - np.partition(shorten(given) @ known.T, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS]

    return measure


def by_sureness(features: np.ndarray, labels: np.ndarray) -> Measure:
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.01)).fit(features, labels)
    return lambda given: 1 - head.predict_proba(given).max(axis=1)


MEASURES = {
    "threeway": by_novelty,
    "distance, not shortened": by_distance,
    "cosine to class means": by_cosine,
    f"{NEIGHBOURS}th nearest image": by_neighbour,
    "sureness of a head": by_sureness,
}


def average_classes(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.stack([features[labels == label].mean(axis=0) for label in np.unique(labels)])


def embed(project: Path, source: str, resolution: int) -> tuple[np.ndarray, list[Dataset]]:
    """Embeds a set: (features, what each image is for in each of five folds)."""
    change_params(
        project,
        {
            "data": {"source": source},
            "image": {"resolution": resolution},
            "features": {"views": 0},
        },
    )
    run(project, "dvc", "repro", "features", "split")
    index, division = read_names(project / INDEX), read_names(project / SPLIT)
    classes = list_classes(index)
    labels = index["class"].map(classes.index).to_numpy(np.int64)
    paths = index["path"].to_numpy()
    folds = [
        Dataset(classes, labels, paths, paths, rows["split"].to_numpy())
        for fold, rows in division.groupby("fold")
        if fold != str(NO_TEST)
    ]
    return np.load(project / FEATURES)[:, 0], folds


def embed_noise(project: Path, resolution: int) -> np.ndarray:
    """Embeds noise."""
    shape = (NUM_NOISE, resolution, resolution, 3)
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    weights = load_weights(project / BACKBONE)
    return compile_frozen(build_trunk(build_backbone(resolution, [-1, 1], weights)))(noise)


def find_limit(make: Callable, features: np.ndarray, folds: Iterable[Dataset]) -> float:
    """Finds the threshold, out of fold."""
    found = []
    for dataset in folds:
        train = dataset.find("train")
        measure = make(features[train], dataset.labels[train])
        found.append(measure(features[dataset.find("test")]))
    return float(np.quantile(np.concatenate(found), 1 - FALSE_ALARMS))


def leave_out(make: Callable, features: np.ndarray, folds: list[Dataset]) -> float:
    """Measures the share of a class that is called unlike where it is new: mean over classes."""
    labels, caught = folds[0].labels, []
    for label in np.unique(labels):
        rest = labels != label
        numbers = np.unique(labels[rest], return_inverse=True)[1]
        kept = [replace(fold, labels=numbers, splits=fold.splits[rest]) for fold in folds]
        limit = find_limit(make, features[rest], kept)
        measure = make(features[rest], numbers)
        caught.append((measure(features[~rest]) > limit).mean())
    return float(np.mean(caught))


def main() -> None:
    resolution, *sources = int(sys.argv[1]), *sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        copy_working_tree(project)
        known = {
            Path(source).name: embed(project, str(Path(source).resolve()), resolution)
            for source in sources
        }
        shown = {name: features for name, (features, _) in known.items()}
        shown["noise"] = embed_noise(project, resolution)
    rows = []
    for name, (features, folds) in known.items():
        for what, make in MEASURES.items():
            limit = find_limit(make, features, folds)
            measure = make(features, folds[0].labels)
            caught = {
                other: "-" if other == name else f"{100 * (measure(seen) > limit).mean():.0f}"
                for other, seen in shown.items()
            }
            new = f"{100 * leave_out(make, features, folds):.0f}"
            rows.append({"trained on": name, "by": what} | caught | {"new class": new})
    print(f"Called unlike at {resolution} pixels, %, where {100 * FALSE_ALARMS:.0f} % of their own "
          "kind are:\n")  # fmt: skip
    print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
