"""What the pipeline makes, and where: a path that two stages know, and the name of a run, are here.

Relative to the checkout, in which everything runs.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PIPELINE, METRICS, PLOTS = Path("data/pipeline"), Path("metrics"), Path("plots")

# What the source is: its name and digest.
SOURCE = PIPELINE / "source.json"
# A row for each usable image, in an order that all arrays follow: path, class, width, height,
# sha256 (of what is seen).
INDEX = PIPELINE / "index.csv"
# What must stay together, and the division that the source comes with, if any: path, copies, group,
# given_split.
GROUPS = PIPELINE / "groups.csv"
# A row for each file that is left out, and why.
REJECTED = PIPELINE / "rejected.csv"
# What each image is for: path, fold (from 1), split.
SPLIT = PIPELINE / "split.csv"
# (images, size, size, 3) uint8.
IMAGES = PIPELINE / "images.npy"
BACKBONE = PIPELINE / "backbone/mobilenet_v2.npz"
# (images, 1 + views, 1280) float32, the image as it is first.
FEATURES = PIPELINE / "features.npy"
# (images, ...) float32: what the layers below those that fine-tuning trains make of the images.
# Only while it trains.
FROZEN = PIPELINE / "frozen"
# A folder for each scenario, and in it one for each run.
RUNS = PIPELINE / "runs"
# Seconds of training by run, and of embedding, which no two executions have in common.
SECONDS = PIPELINE / "seconds"
# Rows of predictions.csv of the test split, by scenario.
TEST = PIPELINE / "test"
COST = PIPELINE / "cost"


@dataclass(frozen=True)
class Run:
    """One training of one scenario.

    Attributes:
        scenario: its name.
        fold: of the division, from 1.
        seed: of its random numbers.
    """

    scenario: str
    fold: int
    seed: int

    @property
    def name(self) -> str:
        """Its name among the runs of its scenario."""
        return f"fold-{self.fold}-seed-{self.seed}"

    @property
    def folder(self) -> Path:
        """Where all that it leaves lies."""
        return RUNS / self.scenario / self.name

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Tells the run from a folder that is named by it, in one that is named by its scenario.

        Raises:
            ValueError: it is not so named.
        """
        named = re.fullmatch(r"fold-(\d+)-seed-(\d+)", folder.name)
        if not named:
            raise ValueError(f"{folder.name!r} is no run's name, expected fold-F-seed-S")
        return cls(folder.parent.name, *map(int, named.groups()))


# What a run leaves, in its folder.
RECORD, MODEL, PREDICTIONS = "record", "model", "predictions.csv"


def find_runs(scenario_folder: Path) -> list[Path]:
    """Finds the folders of a scenario's runs, below data/pipeline/runs or metrics, in their order:
    by fold, then seed.
    """
    folders = scenario_folder.glob("fold-*-seed-*")
    return sorted(folders, key=lambda folder: (Run.of(folder).fold, Run.of(folder).seed))
