"""The name of a run, and what its folder holds."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from threeway.artefacts import LEARNING_CURVE, REFIT, RUNS
from threeway.splits import NO_TEST

# What a run leaves, in its folder.
RECORD, MODEL, PREDICTIONS = "record", "model", "predictions.csv"
# Beside a scenario's predictions, those of its recipe as it is written, where it was tuned.
AS_WRITTEN = "as_written.csv"


@dataclass(frozen=True)
class Run:
    """One training of one scenario.

    Attributes:
        scenario: its name.
        fold: of the division, from 1; 0 where no image is tested, and all train.
        seed: of its random numbers.
        share: of the fold's training images, all or fewer.
    """

    scenario: str
    fold: int
    seed: int
    share: float = 1.0

    @property
    def name(self) -> str:
        """Its name among the runs of its scenario."""
        name = f"fold-{self.fold}-seed-{self.seed}"
        return name if self.share == 1 else f"{name}-share-{self.share}"

    @property
    def key(self) -> tuple[int, int]:
        """What all its random numbers come from: folds differ in their luck, as seeds do."""
        return self.seed, self.fold

    @property
    def folder(self) -> Path:
        """Where all that it leaves lies."""
        if self.fold == NO_TEST:
            return REFIT / self.scenario / self.name
        return (RUNS if self.share == 1 else LEARNING_CURVE) / self.scenario / self.name

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Tells the run from a folder that is named by it, in one that is named by its scenario.

        Raises:
            ValueError: it is not so named.
        """
        named = re.fullmatch(r"fold-(\d+)-seed-(\d+)(?:-share-(.+))?", folder.name)
        if not named:
            raise ValueError(f"{folder.name!r} is no run's name, expected fold-F-seed-S")
        fold, seed, share = named.groups()
        return cls(folder.parent.name, int(fold), int(seed), float(share or 1))


def find_runs(scenario_folder: Path) -> list[Path]:
    """Finds the folders of a scenario's runs, below data/pipeline or metrics, in their order: by
    fold, then seed, then share.
    """

    def order(folder: Path) -> tuple[int, int, float]:
        run = Run.of(folder)
        return run.fold, run.seed, run.share

    return sorted(scenario_folder.glob("fold-*-seed-*"), key=order)
