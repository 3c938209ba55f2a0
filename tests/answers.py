"""Answers made by hand or at random, to images of a division."""

import numpy as np

from threeway.evidence.answers import Predictions


def make_predictions(
    classes: list[str],
    actual: np.ndarray,
    probabilities: np.ndarray,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    repeats: int = 1,
    images: np.ndarray | None = None,
) -> Predictions:
    """Makes a scenario's answers.

    Args:
        classes: class names.
        actual: (images,) int, an index into classes.
        probabilities: (passes, images, classes): those of a repeat, one for each seed, in a row.
        folds: (images,) or (passes, images) int, from 1; one fold without them.
        groups: (images,); each image is one without them.
        repeats: of the division.
        images: (images,) paths; numbers without them.
    """
    passes, num_images, _ = probabilities.shape
    shape = (passes, num_images)
    names = np.array([f"{number:05d}" for number in range(num_images)])
    images = names if images is None else images
    seeds = passes // repeats
    return Predictions(
        classes=classes,
        repeats=np.arange(repeats).repeat(seeds),
        seeds=np.tile(np.arange(1, seeds + 1), repeats),
        folds=np.ones(shape, int) if folds is None else np.broadcast_to(folds, shape),
        images=images,
        groups=images if groups is None else np.asarray(groups).astype(str),
        actual=np.asarray(actual),
        probabilities=probabilities,
    )


def make_answers(
    correct: np.ndarray,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    repeats: int = 1,
) -> Predictions:
    """Makes a scenario's answers, of two classes, by which are right: (passes, images) bool, or
    (images,) of one pass.
    """
    correct = np.atleast_2d(correct)
    probabilities = np.stack([correct, ~correct], axis=2).astype(float)
    actual = np.zeros(correct.shape[1], int)
    return make_predictions(["a", "b"], actual, probabilities, folds, groups, repeats)
