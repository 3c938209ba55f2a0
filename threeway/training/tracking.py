"""DVCLive, tamed: one folder a run, and nothing else of the project touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from dvclive import Live


@contextmanager
def track_run(folder: Path) -> Iterator[Live]:
    """Opens the DVCLive record of one run.

    Never with DVCLive's defaults: they rewrite dvc.yaml, copy params.yaml, and commit
    experiments, none of which is a stage's to do.
    """
    with Live(dir=str(folder), dvcyaml=None, save_dvc_exp=False, report=None) as live:
        yield live


def log_final(
    live: Live, figures: dict[str, float], actual: np.ndarray, predicted: np.ndarray
) -> None:
    """Logs the figures of the kept weights, and the confusion of the validation split.

    The last epoch's figures, which DVCLive shows otherwise, are not those of the weights that a
    run keeps.

    Args:
        live: the run's record.
        figures: name to value.
        actual: (images,) class names.
        predicted: (images,) class names.
    """
    for name, value in figures.items():
        live.log_metric(f"final/{name}", value, plot=False)
    live.log_sklearn_plot("confusion_matrix", list(actual), list(predicted), normalized=True)
