"""On a Ray cluster the same comes out as here, and a machine that dies costs time alone."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from threeway.errors import InputError
from threeway.execution import cluster
from threeway.execution.cluster import AHEAD, check_head, open_cluster
from threeway.progress import Listener, Tally

pytest.importorskip("ray", reason="requirements-cluster.txt is not installed")
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Copy:
    """A task: to copy a file, and what else to do."""

    name: str
    inputs: tuple[Path, ...]
    folder: Path
    deed: str = ""
    mark: Path | None = None


def copy(task: Copy, listener: Listener) -> str:
    """Copies; a deed that is to be done once leaves a mark."""
    first = task.mark is None or not task.mark.exists()
    if task.mark and first:
        task.mark.write_text(str(os.getpid()))
    if task.deed == "die" and first:
        os.kill(os.getpid(), signal.SIGKILL)
    elif task.deed == "fail":
        raise InputError(f"{task.name} cannot be copied")
    elif task.deed == "wait" and first:
        time.sleep(60)
    (task.folder / "below").mkdir(parents=True)
    (task.folder / "below/copy").write_bytes(task.inputs[0].read_bytes())
    listener.advance(3)
    listener.skip(2)
    return task.name


def describe(shared: str, number: int, mark: Path | None = None) -> str:
    """A function of chunks; where there is a mark to be made, the first try ends in it."""
    if mark and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 13:
        raise InputError("no 13th chunk")
    return f"{shared} {number} {os.environ.get('TF_PROBE')}"


@pytest.fixture(scope="module")
def machines() -> Iterator[object]:
    """Two machines, simulated."""
    from ray.cluster_utils import Cluster

    # Its workers find the functions above here.
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), before])
    head = {"num_cpus": 2, "include_dashboard": False}
    simulated = Cluster(initialize_head=True, head_node_args=head)
    simulated.add_node(num_cpus=2)
    yield simulated
    simulated.shutdown()
    os.environ["PYTHONPATH"] = before


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for number in range(3):
        Path(f"data/{number}").write_bytes(bytes([number]) * 100_000)
    return tmp_path


def make(number: int, deed: str = "", mark: Path | None = None) -> Copy:
    name, path = f"task_{number}", Path(f"data/{number % 3}")
    return Copy(name, (path,), Path("made") / name, deed, mark)


def work_out(machines, tasks: list[Copy], listener: Listener | None = None) -> list[str]:
    with open_cluster(machines.address) as connected:
        done = connected.map_tasks(copy, deque(tasks), 1, 2**20, listener or Tally())
        return sorted(result for _, result in done)


def test_files_go_there_and_come_back(machines):
    heard, tasks = Tally(), [make(number) for number in range(5)]
    assert work_out(machines, tasks, heard) == [task.name for task in tasks]
    for task in tasks:
        assert (task.folder / "below/copy").read_bytes() == task.inputs[0].read_bytes()
    assert (heard.done, heard.skipped) == (15, 10)


def test_what_follows_from_a_result_is_done_too(machines):
    heard, names = Tally(), []
    tasks = deque([make(0), make(1)])
    with open_cluster(machines.address) as connected:
        for task, name in connected.map_tasks(copy, tasks, 1, 2**20, heard):
            names.append(name)
            number = int(task.name.removeprefix("task_"))
            if number < 4:
                tasks.append(make(number + 2))
    assert sorted(names) == [f"task_{number}" for number in range(6)]
    assert names.index("task_0") < names.index("task_2") < names.index("task_4")
    assert (heard.done, heard.skipped) == (18, 12)
    for number in range(6):
        copied = Path(f"made/task_{number}/below/copy").read_bytes()
        assert copied == bytes([number % 3]) * 100_000
    assert not tasks


def test_a_file_is_sent_once_however_many_tasks_read_it(machines):
    tasks = deque([make(0)])
    with open_cluster(machines.address) as connected:
        for task, _ in connected.map_tasks(copy, tasks, 1, 2**20, Tally()):
            if task.name == "task_0":
                tasks.append(make(3))
                # Which nobody sees: it is not read again.
                Path("data/0").write_bytes(b"changed")
    assert Path("made/task_3/below/copy").read_bytes() == bytes(100_000)


def test_a_killed_process_costs_time_and_nothing_else(machines, tmp_path):
    tasks = [make(0, "die", tmp_path / "mark"), make(1)]
    assert work_out(machines, tasks) == ["task_0", "task_1"]


def test_a_machine_that_is_gone_costs_time_and_nothing_else(machines, tmp_path):
    third = machines.add_node(num_cpus=1, resources={"third": 1})
    marks = [tmp_path / f"mark-{number}" for number in range(5)]
    tasks = [make(number, "wait", mark) for number, mark in enumerate(marks)]

    def lose() -> None:
        end = time.monotonic() + 60
        while not all(mark.exists() for mark in marks) and time.monotonic() < end:
            time.sleep(0.2)
        machines.remove_node(third)
        # The others are let go on: killed, they begin again, and do not wait.
        for mark in marks:
            with suppress(ProcessLookupError):
                os.kill(int(mark.read_text()), signal.SIGKILL)

    thread = threading.Thread(target=lose)
    thread.start()
    assert work_out(machines, tasks) == [task.name for task in tasks]
    thread.join()


def test_an_error_is_the_one_that_was_raised(machines):
    with pytest.raises(InputError, match=r"^task_0 cannot be copied(\n|$)"):
        work_out(machines, [make(0, "fail"), make(1)])


def test_more_than_any_machine_has_is_an_error_and_does_not_wait(machines):
    wanted = r"a task takes 64 cores .* no machine of the cluster has"
    with open_cluster(machines.address) as connected:
        with pytest.raises(InputError, match=wanted):
            list(connected.map_tasks(copy, deque([make(0)]), 64, 1, Tally()))
        with pytest.raises(InputError, match=wanted):
            list(connected.map_chunks(describe, [(1,)], 64, 1))


def test_a_file_larger_than_memory_is_sent_in_pieces(machines, monkeypatch):
    content = os.urandom(100_001)
    Path("data/0").write_bytes(content)
    monkeypatch.setattr(cluster, "PIECE", 30_000)
    work_out(machines, [make(0), make(3)])
    assert Path("made/task_0/below/copy").read_bytes() == content
    assert [len(piece) for piece in cluster.read_pieces(Path("data/0"))] == [30_000] * 3 + [10_001]


def test_chunks_come_back_in_their_order_and_are_made_when_they_are_due(machines, monkeypatch):
    monkeypatch.setenv("TF_PROBE", "as here")
    made = []

    def make_chunks() -> Iterator[tuple[int]]:
        for number in range(12):
            made.append(number)
            yield (number,)

    with open_cluster(machines.address) as connected:
        places = connected.count_places(2, 2**20)
        found = connected.map_chunks(describe, make_chunks(), 2, 2**20, "shared")
        for number, said in enumerate(found):
            assert said == f"shared {number} as here"
            assert len(made) <= number + 1 + places + AHEAD
    assert places == 2
    assert number == 11


def test_a_chunk_whose_process_is_killed_is_done_again(machines, tmp_path):
    with open_cluster(machines.address) as connected:
        chunks = [(number, tmp_path / "mark" if number == 1 else None) for number in range(3)]
        found = [*connected.map_chunks(describe, chunks, 1, 2**20)]
    assert found == [f"None {number} None" for number in range(3)]
    assert (tmp_path / "mark").exists()


def test_an_error_in_a_chunk_is_the_one_that_was_raised(machines):
    with open_cluster(machines.address) as connected:
        found = connected.map_chunks(describe, [(number,) for number in range(12, 16)], 1, 2**20)
        assert next(found).startswith("None 12")
        with pytest.raises(InputError, match=r"^no 13th chunk(\n|$)"):
            next(found)


def test_without_a_cluster_there_is_none():
    with open_cluster("none") as connected:
        assert connected is None


def test_a_head_that_is_not_there_is_told_at_once():
    began = time.monotonic()
    for address in ("127.0.0.1:1", "nonsense"):
        with pytest.raises(InputError, match=f"execution.cluster is '{address}', and nothing"):
            check_head(address)
    assert time.monotonic() - began < 10
