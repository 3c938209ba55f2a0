"""Which images a scenario gets wrong and is surest of."""

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions
from threeway.predictions import normalise

NUM_SHOWN = 16


def find_mistakes(predictions: Predictions, most: int = NUM_SHOWN) -> pd.DataFrame:
    """Finds what is wrong on average over passes, surest first.

    Returns:
        Columns image (path in the source), actual and predicted (class names), confidence (the
        predicted class's probability in [0, 1], mean over passes).
    """
    probabilities = normalise(predictions.probabilities).mean(axis=0)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != predictions.actual)
    ranked = wrong[np.argsort(-confidence[wrong], kind="stable")][:most]
    names = np.asarray(predictions.classes, dtype=object)
    return pd.DataFrame(
        {
            "image": predictions.images[ranked],
            "actual": names[predictions.actual[ranked]],
            "predicted": names[predicted[ranked]],
            "confidence": confidence[ranked],
        }
    )
