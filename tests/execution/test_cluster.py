"""On a Ray cluster the same comes out as here, and a machine that dies costs time alone."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from threeway.errors import InputError
from threeway.execution.cluster import check_head, map_on_cluster
from threeway.progress import Listener, Tally

pytest.importorskip("ray", reason="requirements-cluster.txt is not installed")


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


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Two machines, simulated."""
    from ray.cluster_utils import Cluster

    # Its workers find the functions above here.
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), before])
    head = {"num_cpus": 2, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=2)
    yield cluster
    cluster.shutdown()
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


def work_out(cluster, tasks: list[Copy], listener: Listener | None = None) -> list[str]:
    done = map_on_cluster(copy, tasks, cluster.address, 1, 2**20, listener or Tally())
    return sorted(result for _, result in done)


def test_files_go_there_and_come_back(cluster):
    heard, tasks = Tally(), [make(number) for number in range(5)]
    assert work_out(cluster, tasks, heard) == [task.name for task in tasks]
    for task in tasks:
        assert (task.folder / "below/copy").read_bytes() == task.inputs[0].read_bytes()
    assert (heard.done, heard.skipped) == (15, 10)


def test_a_killed_process_costs_time_and_nothing_else(cluster, tmp_path):
    tasks = [make(0, "die", tmp_path / "mark"), make(1)]
    assert work_out(cluster, tasks) == ["task_0", "task_1"]


def test_a_machine_that_is_gone_costs_time_and_nothing_else(cluster, tmp_path):
    third = cluster.add_node(num_cpus=1, resources={"third": 1})
    marks = [tmp_path / f"mark-{number}" for number in range(5)]
    tasks = [make(number, "wait", mark) for number, mark in enumerate(marks)]
    done = map_on_cluster(copy, tasks, cluster.address, 1, 2**20, Tally())

    def lose() -> None:
        end = time.monotonic() + 60
        while not all(mark.exists() for mark in marks) and time.monotonic() < end:
            time.sleep(0.2)
        cluster.remove_node(third)
        # The others are let go on: killed, they begin again, and do not wait.
        for mark in marks:
            with suppress(ProcessLookupError):
                os.kill(int(mark.read_text()), signal.SIGKILL)

    thread = threading.Thread(target=lose)
    thread.start()
    assert sorted(result for _, result in done) == [task.name for task in tasks]
    thread.join()


def test_an_error_is_the_one_that_was_raised(cluster):
    with pytest.raises(InputError, match=r"^task_0 cannot be copied(\n|$)"):
        work_out(cluster, [make(0, "fail"), make(1)])


def test_more_than_any_machine_has_is_an_error_and_does_not_wait(cluster):
    with pytest.raises(InputError, match=r"a run takes 64 cores .* no machine of the cluster has"):
        list(map_on_cluster(copy, [make(0)], cluster.address, 64, 1, Tally()))


def test_a_head_that_is_not_there_is_told_at_once():
    began = time.monotonic()
    for address in ("127.0.0.1:1", "nonsense"):
        with pytest.raises(InputError, match=f"execution.cluster is '{address}', and nothing"):
            check_head(address)
    assert time.monotonic() - began < 10
