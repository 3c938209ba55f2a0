"""A function mapped over tasks on the machines of a Ray cluster: see docs/cluster.md.

Ray is optional, and imported here alone, when `execution.cluster` asks for it. Tasks are plain Ray
tasks: Ray Data took 3.5 times as long, and Dask draws from the random numbers that Keras seeds its
networks by. No disk need be shared: a machine gets the files that a task reads once, whatever the
number of tasks, and what a task writes comes back as bytes, which this process alone writes down.
"""

import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

import numpy as np

import threeway
from threeway.errors import InputError
from threeway.processor import list_versions
from threeway.progress import Listener, Tally
from threeway.records import digest_file

# How often a task is begun anew whose process or machine is gone.
MOST_RETRIES = 3
SECONDS_TO_REACH_HEAD, SECONDS_A_DAY = 5, 24 * 60 * 60
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


def map_on_cluster(
    function: Callable[[Given, Listener], Result],
    tasks: Sequence[Given],
    address: str,
    threads: int,
    num_bytes: int,
    listener: Listener,
) -> Iterator[tuple[Given, Result]]:
    """Applies a function to each task: (task, result), whichever is finished first.

    A task whose process or machine is gone is done again elsewhere. Each task's folder is then in
    this checkout.

    Args:
        function: of a module of threeway, with no effect but through its result and the task's
            folder.
        tasks: one or more.
        address: "auto" for the cluster that this machine belongs to, or its head's host:port.
        threads: cores that a task keeps busy.
        num_bytes: of memory that a task takes.
        listener: hears of a task when it is finished.

    Raises:
        InputError: Ray or the cluster is not there, or no machine of it has as much room.
        Exception: what the function raised, of the first task that failed.
    """
    ray = connect(address)
    try:
        check_machines(ray, threads, num_bytes)
        options = {"num_cpus": threads, "memory": num_bytes, "max_retries": MOST_RETRIES}
        work = ray.remote(**options)(do_there)
        files = sorted({path for task in tasks for path in task.inputs})
        digests = {path: digest_file(path) for path in files}
        expected = list_versions()
        sent = {path: ray.put(np.fromfile(path, np.uint8)) for path in files}
        pending = {}
        for task in tasks:
            read = {path: digests[path] for path in task.inputs}
            contents = [sent[path] for path in read]
            pending[work.remote(function, task, expected, read, *contents)] = task
        while pending:
            [ready], _ = ray.wait([*pending], num_returns=1)
            task = pending.pop(ready)
            result, files, done, skipped = get(ray, ready, task)
            write_files(task.folder, files)
            listener.advance(done, note=task.name)
            listener.skip(skipped)
            yield task, result
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
    sent = {"py_modules": [str(Path(threeway.__file__).parent)]}
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


def check_machines(ray: ModuleType, threads: int, num_bytes: int) -> None:
    """Makes sure that a machine of the cluster can do a task: Ray would wait for one for ever.

    Raises:
        InputError: none has as many cores and as much memory.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(
        machine.get("CPU", 0) >= threads and machine.get("memory", 0) >= num_bytes
        for machine in machines
    ):
        cores = max((machine.get("CPU", 0) for machine in machines), default=0)
        memory = max((machine.get("memory", 0) for machine in machines), default=0)
        raise InputError(
            f"a run takes {threads} cores (machine.threads) and {num_bytes / 2**30:.1f} GB, and no "
            f"machine of the cluster has more than {cores:g} and {memory / 2**30:.1f}"
        )


def get(ray: ModuleType, reference: object, task: Task) -> tuple:
    """Gets what do_there returned, or raises what it raised."""
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except ray.exceptions.RayError as error:
        reason = " ".join(str(error).split())[:300]
        lost = (
            ray.exceptions.WorkerCrashedError,
            ray.exceptions.NodeDiedError,
            ray.exceptions.OutOfMemoryError,
        )
        told = "Ray could not do it"
        if isinstance(error, lost):
            told = "its process or machine was lost again and again, most likely for want of memory"
        raise InputError(f"{task.name}: {told} ({reason})") from error


def do_there(
    function: Callable,
    task: Task,
    versions: dict[str, str],
    digests: dict[Path, str],
    *contents: np.ndarray,
) -> tuple[object, dict[str, bytes], int, int]:
    """Does a task on a machine of the cluster: (result, files of its folder, steps done, skipped).

    Args:
        function: as for map_on_cluster.
        task: what to do.
        versions: that this machine must have.
        digests: of the files that it reads.
        *contents: of these files, in that order, each (bytes,) uint8.

    Raises:
        InputError: this machine has other versions, or it can write no files.
    """
    heard = Tally()
    check_versions(versions)
    try:
        with laid_out(digests, contents):
            result = function(task, heard)
            paths = [path for path in task.folder.rglob("*") if path.is_file()]
            files = {path.relative_to(task.folder).as_posix(): path.read_bytes() for path in paths}
    except OSError as error:
        raise InputError(f"{task.name}, on {socket.gethostname()}: {error}") from error
    return result, files, heard.done, heard.skipped


def check_versions(expected: dict[str, str]) -> None:
    """Makes sure that this machine has the versions of the one that asks.

    Raises:
        InputError: it has others; names the first.
    """
    for name, here in list_versions().items():
        if here != expected[name]:
            raise InputError(
                f"{socket.gethostname()} has {name} {here}, expected {expected[name]}: install "
                "requirements.txt there, with the same Python (docs/cluster.md)"
            )


@contextlib.contextmanager
def laid_out(digests: dict[Path, str], contents: Sequence[np.ndarray]) -> Iterator[None]:
    """Works in a folder of this machine that has these files: each once, whatever the number of
    tasks that read it.
    """
    files = PLACE / "files"
    files.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="task-", dir=PLACE))
    for path, content in zip(digests, contents, strict=True):
        here = files / digests[path]
        if not here.exists():
            partial = files / f"{digests[path]}.{os.getpid()}"
            content.tofile(partial)
            partial.replace(here)
        os.utime(here)
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).symlink_to(here)
    clear(files, {*digests.values()})
    try:
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
