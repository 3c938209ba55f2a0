"""What the user can mend comes as one line; what only we can mend comes with its traceback."""

import errno
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest

from threeway.errors import InputError, explain, run_stage
from threeway.examples.arrays import create_array

Usage = namedtuple("Usage", "total used free")


def run_code(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


INTERRUPTED, GOES_ON = "error: interrupted", "; the next 'dvc repro' begins with this stage"


def fail_with(error: BaseException):
    def main() -> None:
        raise error

    return main


def test_bad_input_is_one_line():
    with pytest.raises(SystemExit, match="error: no such key"):
        run_stage(fail_with(InputError("no such key")))


@pytest.mark.parametrize(
    ("raised", "stage", "told"),
    [
        ("KeyboardInterrupt", "baseline_cnn", f"{INTERRUPTED}{GOES_ON}\n"),
        # A command of its user's.
        ("KeyboardInterrupt", None, f"{INTERRUPTED}\n"),
        ("KeyError('a bug')", None, "KeyError: 'a bug'\n"),
    ],
)
def test_ctrl_c_is_one_line_even_before_a_stage_has_begun(raised, stage, told, monkeypatch):
    monkeypatch.delenv("DVC_STAGE", raising=False)
    if stage:
        monkeypatch.setenv("DVC_STAGE", stage)
    # stages itself is imported before the seconds that a stage's own imports take.
    result = run_code(f"import stages\nraise {raised}")
    assert result.returncode != 0
    assert result.stderr.endswith(told)
    assert (result.stderr == told) == (raised == "KeyboardInterrupt")


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "Köter, 猫"), ("cp1252", "Köter, \\u732b")]
)
def test_letters_that_the_output_has_not_end_nothing(encoding, told, monkeypatch):
    # As where Windows redirects it to a file.
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    code = "import stages\nprint('K\\xf6ter, \\u732b')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert result.stdout.decode(encoding).strip() == told


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.npy"), "is full; make room"),
        (shutil.Error([("a", "b", "[Errno 28] No space left on device")]), "is full; make room"),
        (RuntimeError("H5Fflush: No space left on device"), "is full; make room"),
        (PermissionError(errno.EACCES, "Permission denied", "a.npy"), "'a.npy': Permission denied"),
        (OSError(errno.EROFS, "Read-only file system", "a.npy"), "'a.npy': Read-only file system"),
    ],
)
def test_what_cannot_be_written_says_why(error, words):
    assert words in explain(error)


def test_a_write_that_fails_without_a_reason_is_explained_by_a_full_disk(monkeypatch):
    error = OSError("12 requested and 0 written")
    assert explain(error) is None
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 2**40, 0))
    assert "is full" in explain(error)


def test_our_own_mistakes_keep_their_traceback():
    for error in (RuntimeError("a bug"), KeyError("a bug"), OSError("a bug")):
        with pytest.raises(type(error), match="a bug"):
            run_stage(fail_with(error))


def test_a_stage_whose_disk_is_full_ends_with_one_line_and_status_1():
    code = (
        "from threeway.errors import run_stage\n"
        "def main(): raise OSError(28, 'No space left on device')\n"
        "run_stage(main)"
    )
    result = run_code(code)
    assert result.returncode == 1
    assert result.stderr.startswith("error: the disk of ")
    assert result.stderr.count("\n") == 1


def test_an_array_that_does_not_fit_is_refused_before_it_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100, 0, 5_000_000))
    with pytest.raises(InputError, match=r"takes 10.0 MB, and the disk has 5.0; make room"):
        create_array(tmp_path / "images.npy", (10, 250_000), np.float32)
    assert list(tmp_path.iterdir()) == []
    array = create_array(tmp_path / "images.npy", (5, 250_000), np.float32)
    assert array.shape == (5, 250_000)
