"""Images whose label a scenario doubts: where to look first for wrong ones."""

import numpy as np
import pandas as pd

from threeway.evidence.answers import Predictions
from threeway.predictions import normalise

# As many as one picture shows.
NUM_SHOWN = 16


def find_suspects(predictions: Predictions) -> pd.DataFrame:
    """Finds the images that networks which had not seen them call otherwise than their label, the
    least likely label first; mean over passes.

    Source: Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset
    labels", 2021, where this score is the label's self-confidence.

    Returns:
        Columns image (path in the source), given and likely (class names), score and confidence
        (the probabilities of the one and the other, in [0, 1]).
    """
    probabilities = normalise(predictions.probabilities).mean(axis=0)
    likely, rows = probabilities.argmax(axis=1), np.arange(len(probabilities))
    scores = probabilities[rows, predictions.actual]
    wrong = np.flatnonzero(likely != predictions.actual)
    ranked = wrong[np.argsort(scores[wrong], kind="stable")]
    names = np.asarray(predictions.classes, dtype=object)
    return pd.DataFrame(
        {
            "image": predictions.images[ranked],
            "given": names[predictions.actual[ranked]],
            "likely": names[likely[ranked]],
            "score": scores[ranked],
            "confidence": probabilities[ranked, likely[ranked]],
        }
    )
