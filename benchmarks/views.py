"""Measures what it costs that the runs of all folds share the views of an image.

    python -m benchmarks.views [DRAWS]

Draws the views of the embedded images anew DRAWS times (`features.seed`) and trains the heads of
all folds on each. Networks of different folds that see the same views of an image may be lucky
together: then the mean over folds varies more, from draw to draw, than its folds do singly, and an
interval that takes them for independent is too narrow. Runs in a copy of the checkout that has
data/pipeline; prints a Markdown table.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.checkout import ROOT, change_params, copy_working_tree, run
from benchmarks.forecasts import HEADS, read_answers
from threeway.artefacts import BACKBONE, GROUPS, IMAGES, INDEX, SPLIT
from threeway.evidence.answers import Predictions
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.reading.markup import align_table

NEEDED = (INDEX, GROUPS, SPLIT, IMAGES, BACKBONE)


def redraw_views(project: Path, draws: int) -> list[Predictions]:
    """Trains the heads of all folds on views that are drawn anew: their answers, by draw."""
    found = []
    for seed in range(draws):
        change_params(project, {"features": {"seed": seed}})
        for stage in ("features", HEADS, f"evaluate {HEADS}"):
            run(project, sys.executable, "-m", *f"stages.{stage}".split())
        found.append(read_answers(project))
    return found


def weigh(draws: list[Predictions]) -> dict[str, str]:
    """Sets the spread of the mean over folds beside what its folds spread singly."""
    folds = draws[0].folds[0]
    means = np.array(
        [[one.correct[0][folds == fold].mean() for fold in np.unique(folds)] for one in draws]
    )
    errors = [estimate_accuracy(one)[0].standard_error for one in draws]
    together = means.mean(axis=1).std(ddof=1)
    apart = np.sqrt(means.var(axis=0, ddof=1).mean() / means.shape[1])
    return {
        "draws": str(len(draws)),
        "accuracy, %": f"{100 * means.mean():.1f}",
        "sd of the mean over folds": f"{100 * together:.2f}",
        "were folds independent": f"{100 * apart:.2f}",
        "standard error by the method": f"{100 * np.mean(errors):.2f}",
    }


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "threeway"
        copy_working_tree(project)
        for path in NEEDED:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).symlink_to(ROOT / path)
        print(align_table(pd.DataFrame([weigh(redraw_views(project, draws))])))


if __name__ == "__main__":
    main()
