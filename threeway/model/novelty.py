"""Whether an image is unlike anything that a model was trained on: how far its features, those of
the frozen backbone, lie from the nearest class.

A network names one of its classes for whatever it is shown, and is often sure of it. This does not
look at the network: it finds an image of another kind, and not the network's own mistakes.

Source: Lee et al., "A simple unified framework for detecting out-of-distribution samples and
adversarial attacks", 2018; for features of length 1, Mueller and Hein, "Mahalanobis++: improving
OOD detection via feature normalization", 2025; Ledoit and Wolf, "A well-conditioned estimator for
large-dimensional covariance matrices", 2004. `python -m benchmarks.unlike` compares others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sklearn.covariance import ledoit_wolf

from threeway.examples.dataset import Dataset
from threeway.model.about import Unlike
from threeway.runtime import keras

# Of the largest variance in any direction, the least that another counts as.
LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Novelty:
    """Where the classes lie, in a space in which all vary alike in every direction.

    Attributes:
        whitening: (features, features) float32, from features of length 1 to that space.
        means: (classes, features) float32, in it.
    """

    whitening: np.ndarray
    means: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, labels: np.ndarray) -> "Novelty":
        """Fits it to images.

        Args:
            features: (images, features) of the frozen backbone.
            labels: (images,) int, from 0, each at least once.
        """
        units = shorten(features.astype(np.float64))
        means = np.stack([units[labels == label].mean(axis=0) for label in np.unique(labels)])
        covariance, _ = ledoit_wolf(units - means[labels], assume_centered=True)
        values, directions = np.linalg.eigh(covariance)
        # A direction in which nothing varies would be infinitely far for who does.
        values = np.maximum(values, LEAST_SHARE * values.max())
        whitening = (directions / np.sqrt(values)) @ directions.T
        return cls(whitening.astype(np.float32), (means @ whitening).astype(np.float32))

    def measure(self, features: np.ndarray) -> np.ndarray:
        """Measures how far images lie from the nearest class: (images,) float32, of (images,
        features).
        """
        placed = shorten(features) @ self.whitening
        distances = [np.linalg.norm(placed - mean, axis=1) for mean in self.means]
        return np.min(distances, axis=0)


def shorten(features: np.ndarray) -> np.ndarray:
    """Scales features to length 1."""
    return features / np.linalg.norm(features, axis=1, keepdims=True)


def find_threshold(
    features: np.ndarray, folds: Iterable[Dataset], split: str, wanted: float
) -> Unlike:
    """Finds the distance beyond which a share of images of the same kind lies, out of fold: each
    image by those that its fold trains on.

    Args:
        features: (images, features).
        folds: what each image is for in each fold.
        split: whose images are measured, "test" or "val".
        wanted: the share.
    """
    distances, labels = [], []
    for dataset in folds:
        train, judged = dataset.find("train"), dataset.find(split)
        novelty = Novelty.fit(features[train], dataset.labels[train])
        distances.append(novelty.measure(features[judged]))
        labels.append(dataset.labels[judged])
        classes = dataset.classes
    found, of_class = np.concatenate(distances), np.concatenate(labels)
    limit = float(np.quantile(found, 1 - wanted))
    shares = {
        name: float((found[of_class == label] > limit).mean()) for label, name in enumerate(classes)
    }
    return Unlike(distance=limit, wanted=wanted, false_alarms=shares)


def build_novelty(backbone: keras.Model, novelty: Novelty) -> keras.Model:
    """Builds it on a backbone: (batch, size, size, 3) in [0, 255] to (batch, 1) distances."""
    image = keras.Input(backbone.input.shape[1:], name="image")
    units = keras.layers.UnitNormalization(name="units")(backbone(image))
    whiten = keras.layers.Dense(novelty.means.shape[1], use_bias=False, name="whiten")
    placed = keras.ops.expand_dims(whiten(units), 1)
    whiten.set_weights([novelty.whitening])
    squares = keras.ops.sum(keras.ops.square(placed - novelty.means[None]), axis=2)
    nearest = keras.ops.min(squares, axis=1, keepdims=True)
    return keras.Model(image, keras.ops.sqrt(nearest), name="novelty")
