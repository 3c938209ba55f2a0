"""What is unlike the images of training is told, and what is like them seldom."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from stages.backbone import draw_random
from threeway.examples.dataset import Dataset
from threeway.model.formats import convert_to
from threeway.model.novelty import Novelty, build_novelty, find_threshold
from threeway.networks.inference import compile_network, predict
from threeway.networks.interpreter import open_frozen
from threeway.networks.transfer import build_backbone

SIZE, NUM_FEATURES = 32, 12


def draw_features(rng: np.random.Generator, count: int, centre: np.ndarray) -> np.ndarray:
    """Draws features around a centre, that vary more in some directions than in others."""
    return centre + rng.normal(size=(count, NUM_FEATURES)) * np.linspace(0.05, 0.8, NUM_FEATURES)


@pytest.fixture
def images() -> tuple[np.ndarray, np.ndarray]:
    """Features of 300 images of three classes, and their classes."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], 100)
    centres = rng.normal(size=(3, NUM_FEATURES)) * 2 + 6
    features = np.concatenate([draw_features(rng, 100, centre) for centre in centres])
    return features.astype(np.float32), labels


def divide(labels: np.ndarray, folds: int) -> list[Dataset]:
    """Divides images into folds, each third of train for val."""
    datasets = []
    for fold in range(folds):
        splits = np.where(np.arange(len(labels)) % folds == fold, "test", "train")
        names = np.arange(len(labels)).astype(str)
        datasets.append(Dataset(["a", "b", "c"], labels, names, names, splits))
    return datasets


def test_it_is_the_distance_in_a_space_where_all_vary_alike(images):
    features, labels = images
    novelty = Novelty.fit(features, labels)
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    means = np.stack([units[labels == label].mean(axis=0) for label in range(3)])
    # By the inverse covariance itself, as its source has it.
    inverse = LedoitWolf(assume_centered=True).fit(units - means[labels]).precision_
    found = units[:, None] - means
    expected = np.sqrt(np.einsum("icj,jk,ick->ic", found, inverse, found)).min(axis=1)
    assert novelty.measure(features) == pytest.approx(expected, rel=1e-3)
    # How long a feature vector is says nothing.
    assert novelty.measure(3 * features) == pytest.approx(expected, rel=1e-3)


def test_other_images_are_farther_than_a_share_of_their_own_kind(images):
    features, labels = images
    unlike = find_threshold(features, divide(labels, 5), "test", 0.1)
    assert unlike.wanted == 0.1
    assert np.mean([*unlike.false_alarms.values()]) == pytest.approx(0.1, abs=0.01)
    assert [*unlike.false_alarms] == ["a", "b", "c"]
    novelty, rng = Novelty.fit(features, labels), np.random.default_rng(4)
    fresh = draw_features(rng, 400, features[labels == 1].mean(axis=0))
    assert (novelty.measure(fresh) > unlike.distance).mean() <= 0.2
    other = draw_features(rng, 400, rng.normal(size=NUM_FEATURES) * 2 - 6)
    assert (novelty.measure(other) > unlike.distance).mean() >= 0.99


def test_false_alarms_are_of_each_class_by_itself(images):
    features, labels = images
    # Of the third class a fifth looks like nothing.
    features[200:220] = np.random.default_rng(5).normal(size=(20, NUM_FEATURES)) * 9
    unlike = find_threshold(features, divide(labels, 5), "test", 0.07)
    assert unlike.false_alarms["c"] == pytest.approx(0.2, abs=0.03)
    assert max(unlike.false_alarms["a"], unlike.false_alarms["b"]) <= 0.05


def test_directions_in_which_nothing_varies_are_no_infinite_distance():
    features = np.ones((40, 5), np.float32)
    features[:, :2] += np.random.default_rng(1).random((40, 2))
    novelty = Novelty.fit(features, np.zeros(40, int))
    assert np.isfinite(novelty.whitening).all()
    assert np.isfinite(novelty.measure(features + 1)).all()


def test_the_threshold_is_out_of_fold():
    """More directions than images: those that were seen are all near."""
    rng = np.random.default_rng(6)
    features, labels = rng.normal(size=(60, 200)).astype(np.float32) + 1, np.repeat([0, 1, 2], 20)
    unlike = find_threshold(features, divide(labels, 3), "test", 0.5)
    seen = Novelty.fit(features, labels).measure(features)
    assert (seen > unlike.distance).mean() < 0.2


@pytest.mark.usefixtures("deterministic")
def test_as_a_network_it_measures_the_same():
    rng = np.random.default_rng(8)
    images = rng.integers(0, 256, (30, SIZE, SIZE, 3)).astype(np.uint8)
    backbone = build_backbone(SIZE, [-1, 1], draw_random())
    features, labels = predict(compile_network(backbone), images), np.arange(30) % 3
    novelty = Novelty.fit(features, labels)
    file = convert_to(build_novelty(backbone, novelty), "float32", images)
    found = open_frozen(file, 2)(images)
    assert found.shape == (30, 1)
    assert found[:, 0] == pytest.approx(novelty.measure(features), rel=1e-2)
