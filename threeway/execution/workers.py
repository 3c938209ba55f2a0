"""A process that does one task after another, and ends when its parent does."""

import ctypes
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.resource_tracker import ensure_running
from pathlib import Path
from threading import Thread
from typing import Self

from threeway.progress import Listener

SPAWN = get_context("spawn")
# Of Linux' prctl: the signal that the end of the parent sends.
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Answer:
    """How a task ended.

    Attributes:
        result: what the function returned.
        error: what it raised.
        signal: that its process was ended by, 0 where it ended by itself without a word; None where
            it answered.
    """

    result: object = None
    error: BaseException | None = None
    signal: int | None = None


class Worker:
    """The parent's end of a process that waits for tasks.

    As a context, it ends the process, whatever it is doing.
    """

    def __init__(self) -> None:
        self.connection, theirs = SPAWN.Pipe()
        # Nothing is ever sent: it is closed when this process ends, however it ends.
        lifeline, self.held = SPAWN.Pipe(duplex=False)
        self.process = SPAWN.Process(target=serve, args=(theirs, lifeline), daemon=True)
        if sys.platform != "win32":
            # It would let ctrl-C through again, when the first process starts it.
            ensure_running()
        with held_interrupt():
            self.process.start()
        theirs.close()
        lifeline.close()
        self.advanced = self.skipped = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()
        self.held.close()

    @property
    def signs(self) -> tuple[Connection, int]:
        """What becomes ready when the process says something, or has ended."""
        return self.connection, self.process.sentinel

    def begin(self, function: Callable, task: object, log: Path) -> None:
        """Gives it a task; a process that has ended already is heard of later."""
        self.advanced = self.skipped = 0
        with suppress(OSError):
            self.connection.send((function, task, log))

    def hear(self, listener: Listener) -> Answer | None:
        """Hears the process, and passes on how far it is: the answer, if that is what it says."""
        try:
            kind, *said = self.connection.recv()
        except (EOFError, OSError):
            return self.take_back(listener)
        if kind == "answer":
            return pickle.loads(said[0])
        if kind == "advance":
            self.advanced += said[0]
            listener.advance(*said)
        else:
            self.skipped += said[0]
            listener.skip(*said)
        return None

    def take_back(self, listener: Listener) -> Answer:
        """Takes back what was said to be done by a process that has ended."""
        self.process.join()
        listener.advance(-self.advanced)
        listener.skip(-self.skipped)
        return Answer(signal=max(-self.process.exitcode, 0))


class Messenger:
    """The listener of a task: what it hears, the parent hears, and its log has.

    Args:
        connection: to the parent.
        name: of the task, which is told beside how far it is.
    """

    def __init__(self, connection: Connection, name: str):
        self.connection, self.name, self.done = connection, name, 0

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.done += steps
        with suppress(OSError):
            print(f"{self.done}: {note}", flush=True)
        self.connection.send(("advance", steps, f"{self.name}: {note}" if note else self.name))

    def skip(self, steps: int) -> None:
        self.connection.send(("skip", steps))


def serve(connection: Connection, lifeline: Connection) -> None:
    """Does what the parent sends, until it says no more."""
    Thread(target=end_with_parent, args=(lifeline,), daemon=True).start()
    ask_to_be_killed()
    while True:
        function, task, log = connection.recv()
        try:
            redirect_output(log)
            answer = Answer(result=function(task, Messenger(connection, task.name)))
        except Exception as error:
            # The disk may be full: what went wrong is told all the same.
            with suppress(OSError):
                traceback.print_exc()
            error.add_note(f"(in a process of its own: {log} has all that it printed)")
            answer = Answer(error=error)
        connection.send(("answer", pack(answer)))


def pack(answer: Answer) -> bytes:
    """Pickles an answer; an error that cannot be pickled, or not be restored, is told in words."""
    if answer.error is None:
        return pickle.dumps(answer)
    try:
        packed = pickle.dumps(answer)
        pickle.loads(packed)
    except Exception:
        words = "".join(traceback.format_exception(answer.error))
        return pickle.dumps(Answer(error=RuntimeError(words)))
    return packed


def end_with_parent(lifeline: Connection) -> None:
    """Ends this process, at once, when the parent's has ended."""
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(1)


def ask_to_be_killed() -> None:
    """Asks Linux to kill this process when its parent's ends: while it imports TensorFlow it cannot
    look at its lifeline for seconds.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def redirect_output(log: Path) -> None:
    """Has all that this process prints, C++ code included, go to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


@contextmanager
def held_interrupt() -> Iterator[None]:
    """Holds ctrl-C back for a moment, and for good from processes that are started meanwhile: the
    parent, which hears it too, ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
