"""Measures what it costs that the runs of all folds share the views of an image.

    python -m benchmarks.views [DRAWS] [SEEDS]

Draws the views of the embedded images anew DRAWS times and trains the heads of all folds on each
(`features.seed`), then fine-tunes with as many SEEDS, each of which has views of its own. Networks
of different folds that see the same views of an image may be lucky together: then the mean over
folds varies more, from draw to draw, than its folds do singly, and an interval that takes them for
independent is too narrow. Runs in a copy of the checkout that has data/pipeline; prints a Markdown
table.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.checkout import ENVIRONMENT, ROOT, change_params, copy_working_tree
from threeway.artefacts import BACKBONE, IMAGES, INDEX, SPLIT, TEST
from threeway.evidence.answers import Predictions, read_predictions
from threeway.evidence.uncertainty import estimate_accuracy
from threeway.reading.markup import align_table

NEEDED = (INDEX, SPLIT, IMAGES, BACKBONE)


def run(project: Path, *stages: str) -> None:
    for stage in stages:
        command = [sys.executable, "-m", *f"stages.{stage}".split()]
        subprocess.run(
            command, cwd=project, env=ENVIRONMENT, check=True, stdout=sys.stderr, stderr=sys.stderr
        )


def redraw_views(project: Path, draws: int) -> list[Predictions]:
    """Trains the heads of all folds on views that are drawn anew: their answers, by draw."""
    found = []
    for seed in range(draws):
        change_params(project, {"features": {"seed": seed}})
        run(project, "features", "feature_extraction", "evaluate feature_extraction")
        found.append(read_predictions(project / TEST / "feature_extraction.csv", "test"))
    return found


def fine_tune(project: Path, seeds: int) -> list[Predictions]:
    """Fine-tunes with several seeds, on all folds: their answers, by seed."""
    found = []
    for seed in range(1, seeds + 1):
        change_params(project, {"training": {"seeds": [seed]}})
        run(project, "feature_extraction", "fine_tuning", "evaluate fine_tuning")
        found.append(read_predictions(project / TEST / "fine_tuning.csv", "test"))
    return found


def weigh(name: str, draws: list[Predictions]) -> dict[str, str]:
    """Sets the spread of the mean over folds beside what its folds spread singly."""
    folds = draws[0].folds[0]
    means = np.array(
        [[one.correct[0][folds == fold].mean() for fold in np.unique(folds)] for one in draws]
    )
    errors = [estimate_accuracy(one)[0].standard_error for one in draws]
    together = means.mean(axis=1).std(ddof=1)
    apart = np.sqrt(means.var(axis=0, ddof=1).mean() / means.shape[1])
    return {
        "networks": name,
        "draws": str(len(draws)),
        "accuracy, %": f"{100 * means.mean():.1f}",
        "sd of the mean over folds": f"{100 * together:.2f}",
        "were folds independent": f"{100 * apart:.2f}",
        "standard error by the method": f"{100 * np.mean(errors):.2f}",
    }


def main() -> None:
    draws, seeds = (int(number) for number in (*sys.argv[1:], 8, 4)[:2])
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "threeway"
        copy_working_tree(project)
        for path in NEEDED:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).symlink_to(ROOT / path)
        rows = [
            weigh("head, views drawn anew", redraw_views(project, draws)),
            weigh("fine-tuned, another seed", fine_tune(project, seeds)),
        ]
    print(align_table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
