"""All runs of a scenario: planned, trained wherever there is room, kept, and collected in order.

How many are trained at a time changes no bit, so `execution` of params.yaml is read here, and not
by the stages, which would declare it, and run again when it changes.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from threeway.artefacts import (
    FEATURES,
    INDEX,
    KEPT,
    LOGS,
    RUNS,
    SECONDS,
    SPLIT,
    TRIALS,
    UNFINISHED,
)
from threeway.errors import check_room
from threeway.examples.dataset import count_folds
from threeway.execution import kept
from threeway.execution.cluster import Cluster, open_cluster
from threeway.execution.mapping import count_workers, map_tasks
from threeway.execution.scratch import open_scratch
from threeway.model.card import read_card
from threeway.processor import name_processor
from threeway.progress import Progress
from threeway.records import write_csv, write_json
from threeway.run import MODEL, Run, find_runs
from threeway.settings import Settings, load_settings
from threeway.splits import NO_TEST
from threeway.training.keys import Keys
from threeway.training.plans import Plan, Search, Straight
from threeway.training.runs import Begin, Outcome, Task, train_run

# Of memory that a run takes: TensorFlow's own, and what the layers make of each pixel of a batch.
# The CNN, which takes most, was seen to take 1.3 GB at 160 pixels, in batches of 32.
BASE_BYTES, BYTES_PER_PIXEL = 2**30, 400


@dataclass(frozen=True)
class Way:
    """How a scenario's runs come about.

    Attributes:
        scenario: its name.
        begin: begins a run.
        list_inputs: lists the files that decide a run, beside its settings and its images.
        adopt: takes over settings from what a run starts with.
        embed: makes what runs share, before the first is trained: of settings, the layers of which
            each is the first that trains in some run, and seeds; perhaps on a cluster.
        list_embedded: lists of this what a run with some settings reads.
    """

    scenario: str
    begin: Begin
    list_inputs: Callable[[Run], Iterable[Path]]
    adopt: Callable[[Run, Settings], Settings] = lambda _, settings: settings
    embed: Callable[[Settings, Sequence[str], Sequence[int], Cluster | None], None] | None = None
    list_embedded: Callable[[Run, Settings], Iterable[Path]] = lambda *_: ()

    def make_task(self, run: Run, settings: Settings) -> Task:
        """Makes a run with some settings."""
        return Task(
            run=run,
            settings=settings,
            begin=self.begin,
            decisive=(INDEX, SPLIT, *self.list_inputs(run)),
            embedded=(*self.list_embedded(run, settings),),
            folder=UNFINISHED / self.scenario / run.name,
        )


def train_scenario(way: Way, settings: Settings) -> None:
    """Trains a scenario once for each fold and seed, and writes a folder for each run, what was
    tried, and the seconds.

    A run that was finished before is not trained again: not after an interruption, and not for a
    seed, a fold or a trial more.

    Args:
        way: of its runs.
        settings: the sections that its stage declares; `tuning` says how many trials come first.
    """
    scenario, folds = way.scenario, range(1, count_folds() + 1)
    runs = [Run(scenario, fold, seed) for fold in folds for seed in settings.training.seeds]
    plan = plan_runs(way, settings, runs)
    found = Executor(way, plan).carry_out()
    write_csv(TRIALS / scenario / "trials.csv", plan.tabulate())
    seconds = {run.name: found[run.name].seconds for run in runs}
    tried = sum(outcome.seconds for name, outcome in found.items() if name not in seconds)
    processors = sorted({outcome.processor for outcome in found.values()})
    told = {"seconds": seconds, "trials_seconds": tried, "processors": processors}
    write_json(SECONDS / f"{scenario}.json", told)


def train_on_all(way: Way, settings: Settings) -> Run:
    """Trains a scenario once on all images, tuned as each fold was, with the first seed: the run,
    whose folder is written.

    Args:
        way: of its runs.
        settings: the sections that its stage declares.
    """
    run = Run(way.scenario, NO_TEST, settings.training.seeds[0])
    Executor(way, plan_runs(way, settings, [run])).carry_out()
    return run


def plan_runs(way: Way, settings: Settings, runs: Sequence[Run]) -> Plan:
    """Plans runs: straight on, or after as many trials in each fold as the settings say."""
    trials, written = settings.tuning.trials, settings.drop("tuning")
    adopted = {run: way.adopt(run, written) for run in runs}
    if not trials:
        return Straight([way.make_task(run, adopted[run]) for run in runs])
    return Search(runs, adopted, settings.list_ranges(way.scenario), trials, way.make_task)


def train_shares(way: Way, shares: Sequence[float]) -> None:
    """Trains a scenario on shares of the training images, with the first seed of each fold and the
    settings that its own run has: a folder for each run.

    Args:
        way: of its runs.
        shares: of the training images.
    """
    whole = [Run.of(folder) for folder in find_runs(RUNS / way.scenario)]
    first = {run.fold: run for run in reversed(whole)}
    tasks = []
    for run in sorted(first.values(), key=lambda run: run.fold):
        settings = read_card(run.folder / MODEL).restore_settings()
        tasks += [way.make_task(replace(run, share=share), settings) for share in sorted(shares)]
    Executor(way, Straight(tasks)).carry_out()


class Executor:
    """Has runs trained, or finds them finished, and keeps them.

    Args:
        way: of their scenario.
        plan: says which there are.
    """

    def __init__(self, way: Way, plan: Plan):
        self.way, self.plan = way, plan
        self.keys = Keys(way.scenario)
        self.execution = load_settings("execution").execution
        self.waiting: deque[Task] = deque()
        self.found: dict[str, Outcome] = {}
        # Keys of what is known of trials: some bytes each, without which they would be made again.
        self.tried: set[str] = set()

    def carry_out(self) -> dict[str, Outcome]:
        """Trains what is not finished, and writes all that is wanted: what came of each run, by its
        name.
        """
        self.settle(self.plan.begin())
        if self.found:
            print(f"{len(self.found)} of {self.plan.count()} runs were finished before", flush=True)
        if self.waiting:
            scratch = open_scratch(UNFINISHED / self.way.scenario)
            with scratch, open_cluster(self.execution.cluster) as cluster:
                self.train(cluster)
        for folder, task in self.plan.list_wanted().items():
            kept.restore(self.keys.make(task), folder)
        return self.found

    def settle(self, tasks: Iterable[Task]) -> None:
        """Takes runs as done that were finished before, with all that follows from them; the others
        wait.
        """
        looked_at = deque(tasks)
        while looked_at:
            task = looked_at.popleft()
            if outcome := self.find(task):
                looked_at.extendleft(reversed(self.note(task, outcome)))
            else:
                self.waiting.append(task)

    def note(self, task: Task, outcome: Outcome) -> list[Task]:
        """Notes what came of a run: the runs that follow from it."""
        self.found[task.name] = outcome
        return self.plan.follow(task, outcome)

    def find(self, task: Task) -> Outcome | None:
        """Finds what came of a run that was finished: on this machine, where runs are trained on
        it, since other processors give other bits.
        """
        told = kept.find(self.make_key(task))
        here = self.execution.cluster == "none"
        if not told or (here and told["processor"] != name_processor()):
            return None
        return Outcome(**told)

    def make_key(self, task: Task) -> str:
        """Makes the key that a run is found by; a trial's also says what it was measured by."""
        if not task.earlier:
            return self.keys.make(task)
        key = self.keys.make_trial(task)
        self.tried.add(key)
        return key

    def train(self, cluster: Cluster | None) -> None:
        """Trains what waits, and what follows from it.

        Args:
            cluster: whose machines do it; this one without it.
        """
        first, count = self.waiting[0], self.plan.count() - len(self.found)
        if self.way.embed:
            layers = self.plan.list_values("fine_tuning.unfreeze_from")
            seeds = {*self.plan.list_seeds(), *(task.run.seed for task in self.waiting)}
            self.way.embed(first.settings, layers, sorted(seeds), cluster)
        with (
            Progress("training", count * first.recipe.epochs, "epoch") as progress,
            closing(self.spread(cluster, progress)) as finished,
        ):
            names, told = deque(task.name for task in self.waiting), {}
            for task, outcome in finished:
                self.keep(task, outcome)
                before, num_waiting = len(self.found), len(self.waiting)
                self.settle(self.note(task, outcome))
                # What follows, and was finished before, need not be trained.
                progress.skip((len(self.found) - before - 1) * first.recipe.epochs)
                names.extend(task.name for task in [*self.waiting][num_waiting:])
                told[task.name] = outcome.told
                while names and names[0] in told:
                    name = names.popleft()
                    progress.say(f"{name}: {told[name]}")

    def keep(self, task: Task, outcome: Outcome) -> None:
        """Keeps what a run left; of a trial also, or alone, what came of it."""
        told = asdict(outcome)
        needed = {self.keys.make(wanted) for wanted in self.plan.list_wanted().values()}
        if not outcome.given_up:
            key = self.keys.make(task)
            kept.keep(key, task.folder, told, {*needed, *self.tried})
            # Those that are to come, and a copy of each in the end: of a disk that will be full in
            # an hour one hears now.
            left = min(self.plan.count() - len(self.found) - 1, len(self.plan.runs))
            check_room(KEPT / "next", (left + len(self.plan.runs)) * kept.measure(key))
        if task.earlier:
            shutil.rmtree(task.folder, ignore_errors=True)
            task.folder.mkdir(parents=True)
            kept.keep(self.make_key(task), task.folder, told, {*needed, *self.tried})

    def spread(self, cluster: Cluster | None, progress: Progress) -> Iterator[tuple[Task, Outcome]]:
        """Spreads what waits over a cluster, or over processes of this machine."""
        tasks, first = self.waiting, self.waiting[0]
        threads, num_bytes = first.settings.machine.threads, estimate_memory(first)
        if told := self.plan.describe():
            progress.say(told)
        if cluster:
            progress.say(f"{len(tasks)} runs on the machines of a Ray cluster")
            return cluster.map_tasks(train_run, tasks, threads, num_bytes, progress)
        most = self.plan.count_at_once(len(tasks))
        workers = count_workers(self.execution.workers, most, threads, num_bytes)
        logs = LOGS / self.way.scenario
        if workers > 1:
            progress.say(f"{workers} runs at a time; {logs} has what each prints")
        return map_tasks(train_run, tasks, workers, progress, logs)


def estimate_memory(task: Task) -> int:
    """Estimates the memory that a run takes: bytes."""
    if FEATURES in task.inputs:
        # Of images as they are; all else is read when it is needed.
        return BASE_BYTES + np.load(FEATURES, mmap_mode="r")[:, 0].nbytes
    pixels = task.settings.training.batch_size * task.settings.image.resolution**2
    return BASE_BYTES + BYTES_PER_PIXEL * pixels
