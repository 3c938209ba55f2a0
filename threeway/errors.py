"""What the user can mend is told in one line; everything else keeps its traceback."""

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from threeway.progress import BEGAN, announce, keep_duration

# Bytes. NumPy and HDF5 do not always say why a write failed; where less is left, this is why.
FULL = 2**20


class InputError(ValueError):
    """A setting or a file is not as expected; the message says which, and the way out."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage's main function; what the user can mend becomes one line and exit status 1."""
    name = name_stage()
    try:
        announce(name)
        main()
        keep_duration(name, time.monotonic() - BEGAN)
    except InputError as error:
        sys.exit(f"error: {error}")
    except BrokenPipeError:
        # Who reads the output has seen enough of it: `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (OSError, RuntimeError) as error:
        reason = explain(error)
        if reason is None:
            raise
        print(f"error: {reason}", file=sys.stderr, flush=True)
        # Not sys.exit: HDF5 crashes at the end of a process that could not write its file.
        os._exit(1)


def name_stage() -> str:
    """Names the stage that this process runs, as python -m stages.<name>."""
    spec = sys.modules["__main__"].__spec__
    return spec.name.rpartition(".")[2] if spec else ""


def report_interrupt(kind: type, error: BaseException, trace: TracebackType | None) -> None:
    """Stands in for sys.excepthook: a ctrl-C is one line, and comes in imports as well."""
    if issubclass(kind, KeyboardInterrupt):
        # What stands in dvc.yaml goes on; a command of its user's is just over.
        goes_on = "; the next 'dvc repro' begins with this stage" if os.getenv("DVC_STAGE") else ""
        print(f"error: interrupted{goes_on}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def check_room(path: Path, num_bytes: int) -> None:
    """Makes sure that a file fits on the disk before it is begun.

    Args:
        path: of the file, whose folder is there.
        num_bytes: that it takes.

    Raises:
        InputError: the disk has less.
    """
    free = shutil.disk_usage(path.parent).free
    if num_bytes > free:
        raise InputError(
            f"{path} takes {num_bytes / 1e6:,.1f} MB, and the disk has {free / 1e6:,.1f}; "
            "make room, then run 'dvc repro' again"
        )


def explain(error: OSError | RuntimeError) -> str | None:
    """Says what the user can do about a file that cannot be written; None for other errors."""
    number = getattr(error, "errno", None)
    # HDF5 raises RuntimeError, shutil a list of errors.
    told = number == errno.EDQUOT or os.strerror(errno.ENOSPC) in str(error)
    if told or (isinstance(error, OSError) and shutil.disk_usage(".").free < FULL):
        return f"the disk of '{Path.cwd()}' is full; make room, then run 'dvc repro' again"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"'{error.filename}': {error.strerror}; see who owns it and who may write there"
    return None
