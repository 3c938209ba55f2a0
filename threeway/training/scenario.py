"""All runs of a scenario: planned, trained wherever there is room, kept, and collected in order.

How many are trained at a time changes no bit, so `execution` of params.yaml is read here, and not
by the stages, which would declare it, and run again when it changes.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from threeway.artefacts import FEATURES, INDEX, KEPT, LOGS, SECONDS, SPLIT, UNFINISHED
from threeway.errors import check_room
from threeway.examples.dataset import count_folds, read_dataset
from threeway.execution import kept
from threeway.execution.cluster import Cluster, open_cluster
from threeway.execution.mapping import count_workers, map_tasks
from threeway.execution.scratch import open_scratch
from threeway.processor import list_arithmetic, list_versions, name_processor
from threeway.progress import Progress
from threeway.records import digest_file, write_json
from threeway.run import Run
from threeway.runtime import tf
from threeway.scenarios import SCENARIOS
from threeway.settings import Settings, load_settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.runs import Begin, Outcome, Task, train_run

# Of memory that a run takes: TensorFlow's own, and what the layers make of each pixel of a batch.
# The CNN, which takes most, was seen to take 1.3 GB at 160 pixels, in batches of 32.
BASE_BYTES, BYTES_PER_PIXEL = 2**30, 400

# Code that only says what is trained, and not how.
PLANS = {Path("threeway/training/scenario.py"), *(Path(f"stages/{name}.py") for name in SCENARIOS)}

# The files that a run reads, beside index and division.
ListInputs = Callable[[Run], Iterable[Path]]
# Makes what runs of one seed share, for some seeds, perhaps on a cluster: the files by seed.
Prepare = Callable[[Settings, Sequence[int], Cluster | None], dict[int, list[Path]]]


def train_scenario(
    scenario: str,
    begin: Begin,
    settings: Settings,
    list_inputs: ListInputs,
    prepare: Prepare | None = None,
) -> None:
    """Trains a scenario once for each fold and seed, and writes a folder for each run, and the
    seconds.

    A run that was finished before is not trained again: not after an interruption, and not for a
    seed or a fold more.

    Args:
        scenario: its name.
        begin: its own way to begin a run.
        settings: the sections that its stage declares.
        list_inputs: what decides a run, beside its settings and its images.
        prepare: called before the first run that is to be trained.
    """
    folds = range(1, count_folds() + 1)
    runs = [Run(scenario, fold, seed) for fold in folds for seed in settings.training.seeds]
    tasks = {}
    for run in runs:
        inputs = (INDEX, SPLIT, *list_inputs(run))
        tasks[run.name] = Task(run, settings, begin, inputs, UNFINISHED / scenario / run.name)
    keys = make_keys([*tasks.values()])
    execution = load_settings("execution").execution
    here = execution.cluster == "none"
    outcomes = {name: Outcome(**told) for name in tasks if (told := find_run(keys[name], here))}
    if outcomes:
        print(f"{len(outcomes)} of {len(tasks)} runs were finished before", flush=True)
    missing = [task for name, task in tasks.items() if name not in outcomes]
    if missing:
        with open_scratch(UNFINISHED / scenario), open_cluster(execution.cluster) as cluster:
            if prepare:
                made = prepare(settings, sorted({task.run.seed for task in missing}), cluster)
                missing = [
                    replace(task, inputs=(*task.inputs, *made[task.run.seed])) for task in missing
                ]
            with closing(train(missing, settings, execution.workers, cluster)) as finished:
                for number, (task, outcome) in enumerate(finished, 1):
                    kept.keep(keys[task.name], task.folder, asdict(outcome), {*keys.values()})
                    outcomes[task.name] = outcome
                    # Those that are to come, and a copy of each in the end: of a disk that will be
                    # full in an hour one hears now.
                    still = len(missing) - number + len(tasks)
                    check_room(KEPT / "next", still * kept.measure(keys[task.name]))
    for name, task in tasks.items():
        kept.restore(keys[name], task.run.folder)
    seconds = {name: outcomes[name].seconds for name in tasks}
    processors = sorted({outcome.processor for outcome in outcomes.values()})
    write_json(SECONDS / f"{scenario}.json", {"seconds": seconds, "processors": processors})


def find_run(key: str, here: bool) -> dict | None:
    """Finds what is known of a run that was finished.

    Args:
        key: of make_keys.
        here: whether only this machine's will do: other processors give other bits.
    """
    told = kept.find(key)
    return None if told and here and told["processor"] != name_processor() else told


def train(
    tasks: Sequence[Task], settings: Settings, workers: int | str, cluster: Cluster | None
) -> Iterator[tuple[Task, Outcome]]:
    """Trains runs wherever there is room: each with its outcome, whichever is finished first.

    What they say is printed in their order all the same.
    """
    waiting, told = [task.name for task in tasks], {}
    epochs = sum(task.recipe.epochs for task in tasks)
    with (
        Progress("training", epochs, "epoch") as progress,
        closing(spread(tasks, settings, workers, cluster, progress)) as finished,
    ):
        for task, outcome in finished:
            yield task, outcome
            told[task.name] = outcome.told
            while waiting and waiting[0] in told:
                name = waiting.pop(0)
                progress.say(f"{name}: {told[name]}")


def spread(
    tasks: Sequence[Task],
    settings: Settings,
    workers: int | str,
    cluster: Cluster | None,
    progress: Progress,
) -> Iterator[tuple[Task, Outcome]]:
    """Spreads runs over a cluster, or over processes of this machine."""
    threads, num_bytes = settings.machine.threads, estimate_memory(tasks[0])
    if cluster:
        progress.say(f"{len(tasks)} runs on the machines of a Ray cluster")
        return cluster.map_tasks(train_run, tasks, threads, num_bytes, progress)
    workers = count_workers(workers, len(tasks), threads, num_bytes)
    logs = LOGS / tasks[0].run.scenario
    if workers > 1:
        progress.say(f"{workers} runs at a time; {logs} has what each prints")
    return map_tasks(train_run, tasks, workers, progress, logs)


def estimate_memory(task: Task) -> int:
    """Estimates the memory that a run takes: bytes."""
    pixels = task.settings.training.batch_size * task.settings.image.resolution**2
    # Of features, those of images as they are; all else is read when it is needed.
    has_features = FEATURES in task.inputs
    features = np.load(FEATURES, mmap_mode="r")[:, 0].nbytes if has_features else 0
    return BASE_BYTES + BYTES_PER_PIXEL * pixels + features


def make_keys(tasks: Sequence[Task]) -> dict[str, str]:
    """Makes the key of each run, of all that decides its bits: by the run's name.

    Of index and division that is what they say of the run's own images.
    """
    shared = {
        "code": {path.as_posix(): digest_file(path) for path in list_code(tasks[0].run.scenario)},
        "versions": list_versions(),
        "machine": [platform.system(), name_processor()],
        "accelerators": [device.name for device in tf.config.list_physical_devices("GPU")],
        "environment": list_arithmetic(),
        "begin": f"{tasks[0].begin.__module__}.{tasks[0].begin.__qualname__}",
    }
    inputs = {task.name: [*{*task.inputs} - {INDEX, SPLIT}] for task in tasks}
    digests = {path: digest_file(path) for path in {*chain.from_iterable(inputs.values())}}
    datasets = {fold: read_dataset(fold) for fold in {task.run.fold for task in tasks}}
    images = {
        fold: [*dataset.classes, dataset.digest(LEARNING_SPLITS), *dataset.paths]
        for fold, dataset in datasets.items()
    }
    return {
        task.name: kept.make_key(
            shared
            | {
                "run": [task.run.scenario, task.run.fold, task.run.seed],
                "settings": task.own_settings,
                "images": images[task.run.fold],
                "inputs": {path.as_posix(): digests[path] for path in inputs[task.name]},
            }
        )
        for task in tasks
    }


def list_code(stage: str) -> list[Path]:
    """Lists the modules that dvc.yaml says a stage uses, but for those that only say what is
    trained when.
    """
    deps = YAML(typ="safe").load(Path("dvc.yaml"))["stages"][stage]["deps"]
    return [Path(dep) for dep in deps if dep.endswith(".py") and Path(dep) not in PLANS]
