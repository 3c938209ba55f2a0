"""Which runs there are to be: as the settings say, or as trials find them out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pandas as pd

from threeway.artefacts import TRIALS
from threeway.run import Run
from threeway.settings import Range, Settings
from threeway.splits import NO_TEST
from threeway.training.runs import Outcome, Task
from threeway.training.tuning import Trial, choose, propose

# Makes a run with some settings.
MakeTask = Callable[[Run, Settings], Task]
COLUMNS = (
    "scenario", "fold", "trial", "epochs", "best_epoch", "val_loss", "val_accuracy", "given_up",
    "chosen",
)  # fmt: skip


class Plan(Protocol):
    """Says what is to be trained, first and after each run."""

    @property
    def runs(self) -> Sequence[Run]:
        """The runs that count in the end."""

    def begin(self) -> list[Task]:
        """Lists the runs that nothing need be known for."""

    def follow(self, task: Task, outcome: Outcome) -> list[Task]:
        """Lists the runs that follow from what came of one."""

    def count(self) -> int:
        """Counts the runs there will be."""

    def count_at_once(self, waiting: int) -> int:
        """Counts the runs that may at some time be trained side by side, of which some wait."""

    def list_wanted(self) -> dict[Path, Task]:
        """Lists the runs that are wanted, as far as is known, by the folder that they go to."""

    def list_seeds(self) -> set[int]:
        """Lists the seeds of runs that follow from others."""

    def list_values(self, name: str) -> list[object]:
        """Lists the values that a setting, by its dotted name, may have in some run."""

    def describe(self) -> str:
        """Says what is to come, in words, where that is not plain."""

    def tabulate(self) -> pd.DataFrame:
        """Tabulates the trials: see COLUMNS, and each setting by its dotted name."""


@dataclass
class Straight:
    """Each run with the settings that it is given: nothing is tuned."""

    tasks: list[Task]

    @property
    def runs(self) -> list[Run]:
        return [task.run for task in self.tasks]

    def begin(self) -> list[Task]:
        return self.tasks

    def follow(self, task: Task, outcome: Outcome) -> list[Task]:
        return []

    def count(self) -> int:
        return len(self.tasks)

    def count_at_once(self, waiting: int) -> int:
        return waiting

    def list_wanted(self) -> dict[Path, Task]:
        return {task.run.folder: task for task in self.tasks}

    def list_seeds(self) -> set[int]:
        return set()

    def list_values(self, name: str) -> list[object]:
        return [*dict.fromkeys(task.settings.get(name) for task in self.tasks)]

    def describe(self) -> str:
        return ""

    def tabulate(self) -> pd.DataFrame:
        return pd.DataFrame(columns=[*COLUMNS])


@dataclass
class Search:
    """In each fold trials, one after the other, and then each seed with what the best of them had.

    Trials have the fold's first seed: so the first of them is the run that there would be without
    tuning, and the best of them need not be trained again.

    Attributes:
        runs: of all folds and seeds.
        settings: of each, by the run, as they are written.
        ranges: what each setting may be, by its dotted name.
        num_trials: in each fold.
        make_task: makes a run with some settings.
        trials, outcomes: of each fold, so far.
    """

    runs: Sequence[Run]
    settings: dict[Run, Settings]
    ranges: dict[str, Range | list]
    num_trials: int
    make_task: MakeTask
    trials: dict[int, list[Trial]] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)

    @property
    def folds(self) -> dict[int, list[Run]]:
        """The runs of each fold, one a seed."""
        folds: dict[int, list[Run]] = {}
        for run in self.runs:
            folds.setdefault(run.fold, []).append(run)
        return folds

    def begin(self) -> list[Task]:
        self.trials = {fold: [] for fold in self.folds}
        self.outcomes = {fold: [] for fold in self.folds}
        return [self.make_trial(fold) for fold in self.folds]

    def follow(self, task: Task, outcome: Outcome) -> list[Task]:
        if task.values is None:
            return []
        fold = task.run.fold
        trial = Trial(task.values, tuple(outcome.val_losses), outcome.given_up)
        self.trials[fold].append(trial)
        self.outcomes[fold].append(outcome)
        if len(self.trials[fold]) < self.num_trials:
            return [self.make_trial(fold)]
        return self.list_chosen(fold)

    def count(self) -> int:
        return len(self.folds) * self.num_trials + len(self.runs)

    def count_at_once(self, waiting: int) -> int:
        return len(self.runs)

    def list_wanted(self) -> dict[Path, Task]:
        # What tuning brings is seen where images are tested.
        written = [self.make_written(fold) for fold in self.folds if fold != NO_TEST]
        wanted = {
            TRIALS / task.run.scenario / "as_written" / task.run.name: task for task in written
        }
        chosen = [task for fold, trials in self.trials.items() if trials for task in
                  self.list_chosen(fold)]  # fmt: skip
        return wanted | {task.run.folder: task for task in chosen}

    def list_seeds(self) -> set[int]:
        return {run.seed for run in self.runs}

    def list_values(self, name: str) -> list[object]:
        written = [settings.get(name) for settings in self.settings.values()]
        return [*dict.fromkeys([*written, *self.ranges[name]])]

    def describe(self) -> str:
        return f"{self.num_trials} trials, one after the other, in each of {len(self.folds)} folds"

    def make_trial(self, fold: int) -> Task:
        """Makes the next trial of a fold: first the recipe as it is written."""
        run, earlier = self.folds[fold][0], self.trials[fold]
        values = {name: self.settings[run].get(name) for name in self.ranges}
        if earlier:
            values = propose(self.ranges, earlier, run.key)
        task = self.make_task(run, self.settings[run].replace(values))
        task = replace(task, earlier=tuple(earlier), values=values)
        return replace(task, folder=task.folder.with_name(task.name))

    def make_written(self, fold: int) -> Task:
        """Makes the run of a fold's first seed with the recipe as it is written."""
        run = self.folds[fold][0]
        return self.make_task(run, self.settings[run])

    def list_chosen(self, fold: int) -> list[Task]:
        """Lists the runs of a fold with what its best trial so far had."""
        values = self.trials[fold][choose(self.trials[fold])].values
        return [self.make_task(run, self.settings[run].replace(values)) for run in self.folds[fold]]

    def tabulate(self) -> pd.DataFrame:
        rows = []
        for fold, trials in self.trials.items():
            best, outcomes = choose(trials), self.outcomes[fold]
            for number, (trial, outcome) in enumerate(zip(trials, outcomes, strict=True)):
                figures = (
                    self.runs[0].scenario, fold, number + 1, len(trial.losses), outcome.best_epoch,
                    trial.loss, outcome.val_accuracy, trial.given_up, number == best,
                )  # fmt: skip
                rows.append(dict(zip(COLUMNS, figures, strict=True)) | trial.values)
        return pd.DataFrame(rows)
