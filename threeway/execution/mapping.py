"""A function mapped over tasks, in this process or in several at once.

The same comes out whatever the number of processes: a task says all that decides its result, and
whoever asked for several puts the results in order. Processes of our own, one a worker, and not a
pool of the standard library or of joblib: where a worker is killed, as a system does that is short
of memory, these lose what all others have done.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol, TypeVar

import joblib
import psutil

from threeway.errors import InputError
from threeway.execution.workers import Worker
from threeway.progress import Listener


class Task(Protocol):
    """What a function is applied to: it can be pickled, and has a name of its own."""

    @property
    def name(self) -> str: ...


Given, Result = TypeVar("Given", bound=Task), TypeVar("Result")
# It tells a listener how far it is.
Function = Callable[[Given, Listener], Result]

# How often a task whose process was killed is begun.
MOST_TRIES = 3
# The signal by which a system that is short of memory ends a process.
KILLED = 9


def count_workers(
    wanted: int | str, num_tasks: int, threads: int, bytes_per_task: int, free: int | None = None
) -> int:
    """Counts the processes that tasks are spread over, at least one.

    Args:
        wanted: a number, or "auto": as many as cores and free memory allow.
        num_tasks: of which each is done in one process.
        threads: that one task keeps busy.
        bytes_per_task: of memory that it takes.
        free: bytes of memory; what the system has left, without it.
    """
    if wanted != "auto":
        return max(min(int(wanted), num_tasks), 1)
    free = measure_free_memory() if free is None else free
    return max(min(num_tasks, joblib.cpu_count() // threads, free // bytes_per_task), 1)


def measure_free_memory(group: Path = Path("/sys/fs/cgroup")) -> int:
    """Measures the memory that is free, in bytes: in a container, of what it may use.

    Args:
        group: where Linux says that (cgroup 2); it need not be there.
    """
    free = psutil.virtual_memory().available
    try:
        most, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        lines = (group / "memory.stat").read_text().splitlines()
    except (OSError, ValueError):
        return free
    # Of files that were read, and given back as soon as it is needed.
    spare = int(dict(line.split() for line in lines).get("inactive_file", 0))
    return max(min(free, most - used + spare), 0)


def map_tasks(
    function: Function, tasks: deque[Given], workers: int, listener: Listener, logs: Path
) -> Iterator[tuple[Given, Result]]:
    """Applies a function to each task: (task, result), whichever is finished first.

    With one worker in this process, one after another; else in as many processes, which are started
    anew (spawn), end with this one, and are ended where a task fails or whoever iterates stops.

    Args:
        function: of a module, with no effect but through its result and what the task names.
        tasks: each can be pickled, and so can its result. Whoever iterates may append others, which
            follow from a result.
        workers: processes, at least one, and no more than there is ever work for.
        listener: hears how far all are.
        logs: folder in which each task's process writes what it prints, <task>.log; made if need
            be.

    Raises:
        InputError: a task's process was killed again and again.
        Exception: what the function raised, of the first task that failed.
    """
    if workers == 1:
        while tasks:
            task = tasks.popleft()
            yield task, function(task, listener)
        return
    logs.mkdir(parents=True, exist_ok=True)
    tries = Counter()
    with ExitStack() as stack:
        free = [stack.enter_context(Worker()) for _ in range(workers)]
        busy: dict[Worker, Given] = {}
        while tasks or busy:
            while tasks and free:
                worker, task = free.pop(), tasks.popleft()
                tries[task.name] += 1
                worker.begin(function, task, logs / f"{task.name}.log")
                busy[worker] = task
            for worker in find_ready(busy):
                answer = worker.hear(listener)
                if answer is None:
                    continue
                task = busy.pop(worker)
                if answer.signal is not None:
                    check_tries(task.name, tries[task.name], answer.signal, workers, logs)
                    tasks.appendleft(task)
                    free.append(stack.enter_context(Worker()))
                elif answer.error is not None:
                    raise answer.error
                else:
                    free.append(worker)
                    yield task, answer.result


def find_ready(busy: dict[Worker, Given]) -> list[Worker]:
    """Waits for workers that say something, or have ended."""
    ready = set(wait([item for worker in busy for item in worker.signs]))
    return [worker for worker in busy if ready & set(worker.signs)]


def check_tries(name: str, tries: int, ended_by: int, workers: int, logs: Path) -> None:
    """Makes sure that a task whose process ended without an answer may be begun again.

    Raises:
        InputError: it was begun often enough.
    """
    if tries < MOST_TRIES:
        return
    if ended_by == KILLED:
        raise InputError(
            f"{name}: its process was killed {tries} times, most likely for want of memory; set "
            f"execution.workers in params.yaml to less than {workers}, or take smaller images "
            "(image.resolution) or batches (training.batch_size)"
        )
    how = f"by signal {ended_by}" if ended_by else "by itself"
    raise InputError(
        f"{name}: its process ended {tries} times without an answer, the last time {how}; "
        f"{logs / name}.log has what it printed. execution.workers: 1 needs no other process"
    )
