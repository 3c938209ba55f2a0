"""The name of a run, and what its folder holds."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from threeway.artefacts import RUNS

# What a run leaves, in its folder.
RECORD, MODEL, PREDICTIONS = "record", "model", "predictions.csv"


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
    def key(self) -> tuple[int, int]:
        """What all its random numbers come from: folds differ in their luck, as seeds do."""
        return self.seed, self.fold

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


def find_runs(scenario_folder: Path) -> list[Path]:
    """Finds the folders of a scenario's runs, below data/pipeline/runs or metrics, in their order:
    by fold, then seed.
    """
    folders = scenario_folder.glob("fold-*-seed-*")
    return sorted(folders, key=lambda folder: (Run.of(folder).fold, Run.of(folder).seed))
