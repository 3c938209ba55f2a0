"""The model that one takes home, in use: images to answers. No TensorFlow, which takes seconds to
start.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from threeway.errors import InputError
from threeway.model.about import NOVELTY, read_attached
from threeway.networks.interpreter import open_frozen


@dataclass(frozen=True)
class Answers:
    """What a classifier says of images.

    Attributes:
        probabilities: (images, classes) float32.
        unlike: (images,) bool, whether each is unlike all that the model was trained on; None where
            nothing is there to tell.
    """

    probabilities: np.ndarray
    unlike: np.ndarray | None


class Classifier:
    """Classifies images, on all cores.

    Args:
        path: of a LiteRT file with a card.

    Raises:
        InputError: there is none, or it is not of this version.
    """

    def __init__(self, path: Path):
        self.about = read_attached(path)
        self.apply = open_frozen(path.read_bytes())
        beside, self.measure = path.with_name(NOVELTY), None
        if beside.is_file():
            if read_attached(beside) != self.about:
                raise InputError(f"{beside} is not of the same model as {path}; remove it")
            self.measure = open_frozen(beside.read_bytes())

    def answer(self, images: np.ndarray) -> Answers:
        """Answers images: (images, size, size, 3) uint8."""
        unlike = None
        if self.measure:
            unlike = self.measure(images)[:, 0] > self.about.unlike.distance
        return Answers(self.apply(images), unlike)
