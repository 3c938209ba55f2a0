"""What is finished is found again whole, or not at all, and what is kept is bounded."""

import os
from pathlib import Path

import pytest

from threeway.artefacts import KEPT
from threeway.errors import InputError
from threeway.execution import kept


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def keep(key: str, size: int = 10, **options: object) -> None:
    folder = Path("run")
    (folder / "record").mkdir(parents=True)
    (folder / "model").write_bytes(b"x" * size)
    (folder / "record/curve.tsv").write_text(key)
    kept.keep(key, folder, {"seconds": 1.5}, **options)
    assert not folder.exists()


def test_what_is_kept_comes_back_as_it_was():
    key = kept.make_key({"fold": 1, "seed": 2})
    assert kept.find(key) is None
    keep(key)
    assert kept.find(key) == {"seconds": 1.5}
    kept.restore(key, Path("again"))
    assert sorted(kept.list_files(Path("again"))) == ["model", "record/curve.tsv"]
    assert Path("again/model").read_bytes() == b"x" * 10
    # What is there, of a stage that is run by hand, makes room.
    Path("again/other").touch()
    kept.restore(key, Path("again"))
    assert sorted(kept.list_files(Path("again"))) == ["model", "record/curve.tsv"]


def test_what_is_gone_since_it_was_found_is_told_and_what_is_there_stays():
    keep("a")
    Path("again").mkdir()
    Path("again/other").touch()
    kept.forget()
    with pytest.raises(InputError, match=r"removed from data/pipeline/kept .* 'dvc repro' again"):
        kept.restore("a", Path("again"))
    assert Path("again/other").exists()


def test_another_key_is_another_result():
    first = kept.make_key({"fold": 1, "seed": 2})
    assert first == kept.make_key({"seed": 2, "fold": 1})
    assert first != kept.make_key({"fold": 2, "seed": 1})


@pytest.mark.parametrize("damage", ["cut", "missing", "no manifest"])
def test_what_is_damaged_is_as_if_it_had_never_been_kept(damage):
    keep("a")
    if damage == "cut":
        os.truncate(KEPT / "a/model", 5)
    elif damage == "missing":
        (KEPT / "a/model").unlink()
    else:
        (KEPT / "a" / kept.MANIFEST).write_text('{"told": ')
    assert kept.find("a") is None
    assert not (KEPT / "a").exists()
    keep("a")
    assert kept.find("a") == {"seconds": 1.5}


def test_a_result_is_replaced_by_one_of_the_same_key():
    keep("a", size=10)
    keep("a", size=20)
    assert (KEPT / "a/model").stat().st_size == 20


def test_what_was_not_used_for_long_goes_when_there_is_too_much():
    for number, key in enumerate("abc"):
        keep(key, size=1000)
        os.utime(KEPT / key, (number, number))
    # Used, and so the last to go.
    kept.find("a")
    keep("d", size=1000, limit=4000)
    assert {path.name for path in KEPT.iterdir()} == {"a", "c", "d"}
    # What is needed stays, and so does the newest, whatever they take.
    keep("e", size=9000, limit=4000, needed={"d"})
    assert {path.name for path in KEPT.iterdir()} == {"d", "e"}


def test_all_is_forgotten_at_once():
    assert kept.forget() == 0
    keep("a", size=1000)
    assert kept.forget() > 1000
    assert not KEPT.exists()
