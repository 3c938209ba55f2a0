"""The digest follows names and contents, and a file that has not changed is not read again."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from threeway.intake.digests import digest_files, digest_names


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / f"{name}.png" for name in ("b", "a")}
    for name, path in found.items():
        path.write_bytes(name.encode())
    return found


def test_the_digest_by_hand(files, tmp_path):
    single = {name: hashlib.sha256(name.encode()).hexdigest() for name in "ab"}
    whole = hashlib.sha256(f"a\0{single['a']}\nb\0{single['b']}\n".encode()).hexdigest()
    assert digest_files(files, tmp_path / "memory.json") == whole
    assert digest_names(single.items()) == whole


def test_it_follows_names_and_contents_and_not_places(files, tmp_path):
    memory = tmp_path / "memory.json"
    before = digest_files(files, memory)
    moved = {name: path.rename(path.with_suffix(".jpg")) for name, path in files.items()}
    assert digest_files(moved, memory) == before
    assert digest_files({"c": moved["a"], "b": moved["b"]}, memory) != before
    moved["a"].write_bytes(b"other")
    assert digest_files(moved, memory) != before


def test_a_file_as_it_was_is_not_read_again(files, tmp_path):
    memory = tmp_path / "memory.json"
    before = digest_files(files, memory)
    known = json.loads(memory.read_text())
    known[str(files["a"].resolve())][1] = "remembered"
    memory.write_text(json.dumps(known))
    assert digest_files(files, memory) != before
    # A memory that a kill cut is none.
    memory.write_text(memory.read_text()[:20])
    assert digest_files(files, memory) == before


def test_files_that_change_places_are_noticed_whatever_their_size_and_time(files, tmp_path):
    memory, aside = tmp_path / "memory.json", tmp_path / "aside"
    for path in files.values():
        os.utime(path, ns=(0, 0))
    before = digest_files(files, memory)
    files["a"].rename(aside)
    files["b"].rename(files["a"])
    aside.rename(files["b"])
    assert {path.stat().st_mtime_ns for path in files.values()} == {0}
    assert digest_files(files, memory) != before


def test_what_is_gone_is_forgotten(files, tmp_path):
    memory = tmp_path / "memory.json"
    digest_files(files, memory)
    digest_files({"b": files["b"]}, memory)
    assert list(json.loads(memory.read_text())) == [str(files["b"].resolve())]
