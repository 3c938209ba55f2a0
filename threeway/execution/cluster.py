"""Functions mapped over the machines of a Ray cluster: see docs/cluster.md.

Ray is optional, and imported here alone, when `execution.cluster` asks for it. What is mapped are
plain Ray tasks: Ray Data took 3.5 times as long, and Dask draws from the random numbers that Keras
seeds its networks by. No disk need be shared: a machine gets the files that a task reads once,
whatever the number of tasks, and what a task writes comes back as bytes, which this process alone
writes down.
"""

import contextlib
import functools
import os
import shutil
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

import numpy as np

import threeway
from threeway.errors import InputError
from threeway.processor import list_arithmetic, list_versions
from threeway.progress import Listener, Tally
from threeway.records import digest_file
from threeway.settings import load_settings

# How often a task is begun anew whose process or machine is gone.
MOST_RETRIES = 3
SECONDS_TO_REACH_HEAD, SECONDS_A_DAY = 5, 24 * 60 * 60
# Bytes of a file that are sent at once, and so in a process' memory.
PIECE = 2**27
# Chunks that are on their way, beside those that are being worked on.
AHEAD = 4
# Of a machine of the cluster: files that tasks read, and a folder for each task while it is done.
PLACE = Path(tempfile.gettempdir()) / f"threeway-{os.getuid() if hasattr(os, 'getuid') else 0}"


class Task(Protocol):
    """What a function is applied to: it can be pickled, and says which files it reads and writes,
    as paths from the checkout.
    """

    @property
    def name(self) -> str: ...
    @property
    def inputs(self) -> Sequence[Path]: ...
    @property
    def folder(self) -> Path: ...


Given, Result = TypeVar("Given", bound=Task), TypeVar("Result")


class Cluster:
    """A Ray cluster that this process is connected to; open_cluster makes it."""

    def __init__(self, ray: ModuleType):
        self.ray = ray

    def map_tasks(
        self,
        function: Callable[[Given, Listener], Result],
        tasks: deque[Given],
        threads: int,
        num_bytes: int,
        listener: Listener,
    ) -> Iterator[tuple[Given, Result]]:
        """Applies a function to each task: (task, result), whichever is finished first.

        A task whose process or machine is gone is done again elsewhere. Each task's folder is then
        in this checkout.

        Args:
            function: of a module of threeway, with no effect but through its result and the task's
                folder.
            tasks: one or more. Whoever iterates may append others, which follow from a result.
            threads: cores that a task keeps busy.
            num_bytes: of memory that a task takes.
            listener: hears of a task when it is finished.

        Raises:
            InputError: no machine has as much room.
            Exception: what the function raised, of the first task that failed.
        """
        self.count_places(threads, num_bytes)
        work = self.make_remote(do_there, threads, num_bytes)
        expected, send = list_versions(), functools.cache(self.send)
        pending = {}
        while tasks or pending:
            while tasks:
                task = tasks.popleft()
                read = {path: send(path) for path in task.inputs}
                pending[work(function, task, expected, read)] = task
            [ready], _ = self.ray.wait([*pending], num_returns=1)
            task = pending.pop(ready)
            result, files, done, skipped = self.get(ready, task.name)
            write_files(task.folder, files)
            listener.advance(done, note=task.name)
            listener.skip(skipped)
            yield task, result

    def map_chunks(
        self,
        function: Callable[..., Result],
        chunks: Iterable[tuple],
        threads: int,
        num_bytes: int,
        shared: object = None,
    ) -> Iterator[Result]:
        """Applies a function to each chunk of some data, in their order.

        No more chunks are asked for than are worked on, and a few: neither memory nor disk limits
        their number. One whose process or machine is gone is done again elsewhere.

        Args:
            function: of a module of threeway, without effect: of what is shared and of a chunk.
            chunks: its other arguments; what they hold can be pickled.
            threads: cores that a chunk keeps busy.
            num_bytes: of memory that a chunk takes.
            shared: sent to each machine once.

        Raises:
            InputError: no machine has as much room.
            Exception: what the function raised.
        """
        most = self.count_places(threads, num_bytes) + AHEAD
        work = self.make_remote(do_chunk, threads, num_bytes)
        expected, common, pending = list_versions(), self.ray.put(shared), deque()
        for chunk in chunks:
            if len(pending) == most:
                yield self.get(pending.popleft(), "a chunk of images")
            pending.append(work(function, expected, common, *chunk))
        while pending:
            yield self.get(pending.popleft(), "a chunk of images")

    def send(self, path: Path) -> tuple[str, list]:
        """Sends a file, which machines of the cluster then get from Ray: digest and pieces."""
        return digest_file(path), [self.ray.put(piece) for piece in read_pieces(path)]

    def make_remote(self, function: Callable, threads: int, num_bytes: int) -> Callable:
        """Makes of a function one that is done by whatever machine has room."""
        options = {"num_cpus": threads, "memory": num_bytes, "max_retries": MOST_RETRIES}
        return self.ray.remote(**options)(function).remote

    def count_places(self, threads: int, num_bytes: int) -> int:
        """Counts the tasks that the machines can do at a time.

        Raises:
            InputError: none can do one; Ray would wait for ever.
        """
        machines = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        cores = [machine.get("CPU", 0) for machine in machines]
        memory = [machine.get("memory", 0) for machine in machines]
        places = sum(
            int(min(count // threads, size // num_bytes))
            for count, size in zip(cores, memory, strict=True)
        )
        if not places:
            raise InputError(
                f"a task takes {threads} cores (machine.threads) and {num_bytes / 2**30:.1f} GB, "
                f"and no machine of the cluster has more than {max(cores, default=0):g} and "
                f"{max(memory, default=0) / 2**30:.1f}"
            )
        return places

    def get(self, reference: object, name: str) -> object:
        """Gets what a task returned, or raises what it raised."""
        errors = self.ray.exceptions
        try:
            return self.ray.get(reference)
        except errors.RayTaskError as error:
            raise error.cause from None
        except errors.RayError as error:
            reason = " ".join(str(error).split())[:300]
            lost = (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError)
            told = "Ray could not do it"
            if isinstance(error, lost):
                told = (
                    "its process or machine was lost again and again, most likely for want of "
                    "memory"
                )
            raise InputError(f"{name}: {told} ({reason})") from error


@contextlib.contextmanager
def open_cluster(address: str | None = None) -> Iterator[Cluster | None]:
    """Connects to a cluster; None where there is to be none.

    Args:
        address: "none", "auto" for the cluster that this machine belongs to, or its head's
            host:port; what params.yaml says without it, which stages do not declare: no bit
            depends on it.

    Raises:
        InputError: Ray or the cluster is not there.
    """
    address = address or load_settings("execution").execution.cluster
    if address == "none":
        yield None
        return
    ray = connect(address)
    try:
        yield Cluster(ray)
    finally:
        ray.shutdown()


def connect(address: str) -> ModuleType:
    """Connects to a cluster: Ray's module.

    Raises:
        InputError: Ray is not installed, or there is no cluster.
    """
    try:
        import ray
    except ImportError:
        raise InputError(
            "execution.cluster needs Ray: 'pip install --require-hashes -r "
            "requirements-cluster.txt', or set it to none"
        ) from None
    if address != "auto":
        check_head(address)
    # A worker has the environment, and not the checkout.
    sent = {"py_modules": [str(Path(threeway.__file__).parent)], "env_vars": list_arithmetic()}
    try:
        ray.init(address=address, runtime_env=sent, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"execution.cluster is {address!r}, and no Ray cluster answers there ({reason}); start "
            "one (docs/cluster.md), or set it to none"
        ) from error
    return ray


def check_head(address: str) -> None:
    """Makes sure that something listens where the head should: Ray itself waits for minutes.

    Raises:
        InputError: nothing does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), SECONDS_TO_REACH_HEAD).close()
    except (OSError, ValueError) as error:
        raise InputError(
            f"execution.cluster is {address!r}, and nothing answers there ({error}); expected "
            "none, auto, or the head's host:port, as 'ray start --head' prints it"
        ) from error


def do_there(
    function: Callable,
    task: Task,
    versions: dict[str, str],
    files: dict[Path, tuple[str, list]],
) -> tuple[object, dict[str, bytes], int, int]:
    """Does a task on a machine of the cluster: (result, files of its folder, steps done, skipped).

    Args:
        function: as for map_tasks.
        task: what to do.
        versions: that this machine must have.
        files: that it reads: digest, and references to the pieces.

    Raises:
        InputError: this machine has other versions, or it can write no files.
    """
    heard = Tally()
    check_versions(versions)
    try:
        with laid_out(files):
            result = function(task, heard)
            paths = [path for path in task.folder.rglob("*") if path.is_file()]
            made = {path.relative_to(task.folder).as_posix(): path.read_bytes() for path in paths}
    except OSError as error:
        raise InputError(f"{task.name}, on {socket.gethostname()}: {error}") from error
    return result, made, heard.done, heard.skipped


def do_chunk(
    function: Callable, versions: dict[str, str], shared: object, *chunk: object
) -> object:
    """Does a chunk on a machine of the cluster.

    Raises:
        InputError: this machine has other versions.
    """
    check_versions(versions)
    return function(shared, *chunk)


def check_versions(expected: dict[str, str]) -> None:
    """Makes sure that this machine has the versions of the one that asks.

    Raises:
        InputError: it has others; names the first.
    """
    for name, here in list_own_versions().items():
        if here != expected[name]:
            raise InputError(
                f"{socket.gethostname()} has {name} {here}, expected {expected[name]}: install "
                "requirements.txt there, with the same Python (docs/cluster.md)"
            )


# A chunk may take less time than to look at what is installed.
list_own_versions = functools.cache(list_versions)


def read_pieces(path: Path) -> Iterator[np.ndarray]:
    """Reads a file piece by piece, since it may be larger than memory: each (bytes,) uint8."""
    for start in range(0, path.stat().st_size, PIECE):
        yield np.fromfile(path, np.uint8, PIECE, offset=start)


@contextlib.contextmanager
def laid_out(sent: dict[Path, tuple[str, list]]) -> Iterator[None]:
    """Works in a folder of this machine that has these files: each once, whatever the number of
    tasks that read it.

    Args:
        sent: digest of each, and references to its pieces.
    """
    import ray

    files = PLACE / "files"
    files.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="task-", dir=PLACE))
    try:
        for path, (digest, pieces) in sent.items():
            here = files / digest
            if not here.exists():
                # With all else of this task, which goes when a disk is full.
                partial = place / digest
                with partial.open("wb") as file:
                    for piece in pieces:
                        ray.get(piece).tofile(file)
                partial.replace(here)
            os.utime(here)
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).symlink_to(here)
        clear(files, {digest for digest, _ in sent.values()})
        with contextlib.chdir(place):
            yield
    finally:
        shutil.rmtree(place)


def clear(files: Path, needed: set[str]) -> None:
    """Removes files that none has read for a day, and what killed tasks left a week ago."""
    now = time.time()
    with contextlib.suppress(OSError):
        for path in PLACE.glob("task-*"):
            if now - path.stat().st_mtime > 7 * SECONDS_A_DAY:
                shutil.rmtree(path, ignore_errors=True)
        for path in files.iterdir():
            if path.name not in needed and now - path.stat().st_mtime > SECONDS_A_DAY:
                path.unlink()


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Writes a folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
