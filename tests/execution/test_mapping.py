"""The same comes out of any number of processes; no kill, error or ctrl-C loses or leaves any."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.declare import ROOT
from threeway.errors import InputError
from threeway.execution.mapping import count_workers, map_tasks, measure_free_memory
from threeway.progress import Listener, Tally


@dataclass(frozen=True)
class Sum:
    """A task: what to add up, and what else to do."""

    name: str
    numbers: tuple[int, ...]
    deed: str = ""
    mark: Path | None = None


class Heard(Tally):
    """A listener that remembers what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def advance(self, steps: int = 1, note: str = "") -> None:
        super().advance(steps, note)
        self.notes.append(note)


class Unpicklable(Exception):
    """An error that cannot be restored from its arguments."""

    def __init__(self, one: int, other: int):
        super().__init__(f"{one} and {other}")


def add(task: Sum, listener: Listener) -> int:
    """Adds up; a deed that is to be done once leaves a mark."""
    listener.advance(note="half")
    with suppress(OSError):
        print("adding", task.name, flush=True)
    first = task.mark is None or not task.mark.exists()
    if task.mark and first and task.deed not in ("touch", "wait"):
        task.mark.write_text(str(os.getpid()))
    if task.deed == "die" or (task.deed == "die once" and first):
        os.kill(os.getpid(), signal.SIGKILL)
    elif task.deed == "leave":
        os._exit(0)
    elif task.deed == "fail":
        raise InputError(f"{task.name} cannot be added")
    elif task.deed == "fail oddly":
        raise Unpicklable(1, 2)
    elif task.deed == "fail to open":
        (task.mark.parent / "nowhere").open()
    elif task.deed == "sleep":
        time.sleep(60)
    elif task.deed == "touch":
        task.mark.touch()
    elif task.deed == "wait":
        wait_until(task.mark.exists, 60)
    listener.advance(1)
    listener.skip(1)
    return sum(task.numbers)


def make(num_tasks: int, **deeds: str) -> list[Sum]:
    return [
        Sum(name, (number, 1), deeds.get(name, ""))
        for number, name in enumerate(f"task_{number}" for number in range(num_tasks))
    ]


def work_out(tasks: list[Sum], workers: int, folder: Path, listener: Listener) -> dict[str, int]:
    found = list(map_tasks(add, deque(tasks), workers, listener, folder))
    assert len(found) == len(tasks), "nothing is done twice"
    return {task.name: result for task, result in found}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_comes_out_of_any_number_of_processes(workers, tmp_path):
    heard = Heard()
    found = work_out(make(7), workers, tmp_path / "logs", heard)
    assert found == {f"task_{number}": number + 1 for number in range(7)}
    assert (heard.done, heard.skipped) == (14, 7)
    if workers > 1:
        assert Counter(heard.notes)["task_3: half"] == 1
        assert (tmp_path / "logs/task_3.log").read_text() == "1: half\nadding task_3\n2: \n"


def test_a_killed_process_costs_time_and_nothing_else(tmp_path):
    heard, tasks = Heard(), make(5)
    tasks[1] = Sum("task_1", (1, 1), "die once", tmp_path / "mark")
    found = work_out(tasks, 2, tmp_path / "logs", heard)
    assert found == {f"task_{number}": number + 1 for number in range(5)}
    # What the dead one had done is taken back.
    assert (heard.done, heard.skipped) == (10, 5)


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("die", "task_0: its process was killed 3 times, most likely for want of memory; set "),
        ("leave", "task_0: its process ended 3 times without an answer, the last time by itself"),
    ],
)
def test_a_task_that_kills_its_process_every_time_is_an_error(deed, told, tmp_path):
    with pytest.raises(InputError, match=told):
        work_out(make(3, task_0=deed), 2, tmp_path, Tally())
    assert only_trackers()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_ends_all_and_is_the_one_that_was_raised(workers, tmp_path):
    tasks = make(4, task_0="fail")
    tasks[1:] = [Sum(task.name, (1,), "sleep") for task in tasks[1:]]
    began = time.monotonic()
    with pytest.raises(InputError, match=r"^task_0 cannot be added(\n|$)"):
        work_out(tasks, workers, tmp_path, Tally())
    assert time.monotonic() - began < 30
    assert only_trackers()


def test_an_error_of_the_system_keeps_its_number_and_file(tmp_path):
    task = Sum("one", (1,), "fail to open", tmp_path / "mark")
    with pytest.raises(FileNotFoundError) as found:
        work_out([task, *make(1)], 2, tmp_path, Tally())
    assert found.value.filename == str(tmp_path / "nowhere")
    assert f"{tmp_path / 'one'}.log" in found.value.__notes__[0]


def test_an_error_that_cannot_be_sent_is_told_in_words(tmp_path):
    with pytest.raises(RuntimeError, match=r"Unpicklable: 1 and 2"):
        work_out(make(2, task_0="fail oddly"), 2, tmp_path, Tally())


def test_whoever_stops_asking_ends_the_processes(tmp_path):
    tasks = [*make(1), *(Sum(f"slow_{n}", (1,), "sleep") for n in range(2))]
    found = map_tasks(add, deque(tasks), 2, Tally(), tmp_path)
    assert next(found)[1] == 1
    found.close()
    assert only_trackers()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_follows_from_a_result_is_done_too(workers, tmp_path):
    heard, tasks, found = Heard(), deque([Sum("a", (1,)), Sum("b", (10,))]), {}
    for task, result in map_tasks(add, tasks, workers, heard, tmp_path):
        found[task.name] = result
        # Each of three follows from the one before, the last of all of both kinds from the last.
        if len(task.name) < 3:
            tasks.append(Sum(task.name + task.name[0], (*task.numbers, result)))
        elif len(found) == 6:
            tasks.extend([Sum("end", (7,)), Sum("other end", (8,))])
    expected = {"a": 1, "aa": 2, "aaa": 4, "b": 10, "bb": 20, "bbb": 40, "end": 7, "other end": 8}
    assert found == expected
    assert (heard.done, heard.skipped) == (16, 8)
    assert not tasks


@pytest.mark.parametrize("workers", [1, 2])
def test_what_follows_begins_while_others_are_still_at_work(workers, tmp_path):
    tasks = deque([Sum("first", (1,)), Sum("slow", (1,), "wait", tmp_path / "mark")])
    done = map_tasks(add, tasks, workers, Tally(), tmp_path / "logs")
    names = []
    for task, _ in done:
        names.append(task.name)
        if task.name == "first" and workers == 2:
            # Which the slow one waits for.
            tasks.append(Sum("next", (1,), "touch", tmp_path / "mark"))
        elif task.name == "first":
            tasks.appendleft(Sum("next", (1,), "touch", tmp_path / "mark"))
    # The slow one may wake, and answer, before the process that woke it has answered.
    assert names in (["first", "next", "slow"], ["first", "slow", "next"])


def test_what_follows_is_not_lost_where_its_process_is_killed(tmp_path):
    tasks, found = deque(make(2)), {}
    for task, result in map_tasks(add, tasks, 2, Tally(), tmp_path / "logs"):
        found[task.name] = result
        if len(found) == 2:
            tasks.append(Sum("next", (5, 6), "die once", tmp_path / "mark"))
    assert found == {"task_0": 1, "task_1": 2, "next": 11}


SCRIPT = """
import signal
import sys
from collections import deque
from pathlib import Path
from tests.execution.test_mapping import Sum, add
from threeway.execution.mapping import map_tasks
from threeway.progress import Tally

if __name__ == "__main__":
    # As in a terminal: what a shell starts in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(sys.argv[1])
    tasks = [Sum(f"slow_{n}", (1,), "sleep", folder / f"{n}.pid") for n in range(2)]
    list(map_tasks(add, deque(tasks), 2, Tally(), folder / "logs"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_parent(ended_by, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    parent = subprocess.Popen(
        [sys.executable, script, tmp_path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    marks = [tmp_path / f"{number}.pid" for number in range(2)]
    wait_until(lambda: all(mark.exists() and mark.read_text() for mark in marks), 60)
    children = [int(mark.read_text()) for mark in marks]
    if ended_by == signal.SIGINT:
        # As ctrl-C does: all of the group hear it.
        os.killpg(parent.pid, signal.SIGINT)
    else:
        parent.send_signal(ended_by)
    told = parent.communicate(timeout=10)[1]
    wait_until(lambda: not any(psutil.pid_exists(child) for child in children), 10)
    # Once, of the parent: the others are still.
    assert told.count("Traceback") == (ended_by == signal.SIGINT)


def test_workers_are_as_many_as_asked_for_or_as_there_is_room_for():
    free = 16 * 2**30
    assert count_workers(3, num_tasks=15, threads=2, bytes_per_task=2**40, free=0) == 3
    assert count_workers(8, num_tasks=5, threads=2, bytes_per_task=1, free=free) == 5
    cores = count_workers("auto", 1000, 1, 1, free)
    assert count_workers("auto", 1000, 2, 1, free) == max(cores // 2, 1)
    assert count_workers("auto", 1000, 2 * cores, 1, free) == 1
    assert count_workers("auto", 1000, 1, 2**30, free=2**29) == 1
    assert count_workers("auto", 1000, 1, 2**30, free=2**30 * 3) == min(cores, 3)


def test_free_memory_is_that_of_the_container(tmp_path):
    system = measure_free_memory(tmp_path)
    assert system > 2**20
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.stat").write_text("anon 100\ninactive_file 0\n")
    assert measure_free_memory(tmp_path) == pytest.approx(system, rel=0.2)
    (tmp_path / "memory.max").write_text("5000\n")
    assert measure_free_memory(tmp_path) == 4000
    # What is read of files fills memory, and is given back.
    (tmp_path / "memory.stat").write_text("anon 100\ninactive_file 700\n")
    assert measure_free_memory(tmp_path) == 4700


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_disk_that_is_full_loses_neither_result_nor_reason(tmp_path):
    for name in ("task_0", "task_1"):
        (tmp_path / f"{name}.log").symlink_to("/dev/full")
    assert work_out(make(2), 2, tmp_path, Tally()) == {"task_0": 1, "task_1": 2}
    with pytest.raises(InputError, match="task_1 cannot be added"):
        work_out(make(2, task_1="fail"), 2, tmp_path, Tally())


def wait_until(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def only_trackers() -> bool:
    """Tells whether of this process's children none is left but multiprocessing's own tracker."""
    children = psutil.Process().children(recursive=True)
    return all("resource_tracker" in " ".join(child.cmdline()) for child in children)
