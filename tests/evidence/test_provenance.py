"""How often test was looked at, counted in a real repository."""

import subprocess
from pathlib import Path

import pytest

from threeway.evidence.provenance import describe_origin
from threeway.records import write_json


def git(*arguments: str) -> None:
    settings = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    (tmp_path / "code.py").write_text("1")
    git("add", ".")
    git("commit", "-qm", "start")
    return tmp_path


def commit_results(digest: str, split: str) -> dict:
    found = describe_origin(digest, split)
    write_json(Path("metrics/provenance.json"), found)
    git("add", ".")
    git("commit", "-qm", "results")
    return found


def test_looks_at_the_test_split_of_these_images_are_counted(project):
    assert commit_results("flowers", "test")["looks_at_test"] == 1
    assert commit_results("flowers", "val")["looks_at_test"] == 1
    assert commit_results("birds", "test")["looks_at_test"] == 1
    git("checkout", "-qb", "aside")
    assert commit_results("flowers", "test")["looks_at_test"] == 2
    git("checkout", "-q", "-")
    # On another branch, and so as little unseen.
    assert describe_origin("flowers", "test")["looks_at_test"] == 3
    assert describe_origin("flowers", "val")["looks_at_test"] == 2


def test_the_commit_is_named_and_changes_of_code_are_told(project):
    first = commit_results("flowers", "test")
    clean = describe_origin("flowers", "test")
    assert clean["dirty"] is False
    assert len(clean["commit"]) >= 7
    assert clean["commit"] != first["commit"]
    Path("metrics/provenance.json").write_text("{}")
    assert describe_origin("flowers", "test")["dirty"] is False
    Path("code.py").write_text("2")
    assert describe_origin("flowers", "test")["dirty"] is True


def test_without_a_repository_nothing_is_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    found = describe_origin("flowers", "test")
    assert (found["commit"], found["dirty"], found["looks_at_test"]) == (None, None, None)


def test_where_git_is_not_installed_nothing_is_known(project, monkeypatch):
    commit_results("flowers", "test")
    monkeypatch.setenv("PATH", "")
    found = describe_origin("flowers", "test")
    assert (found["commit"], found["dirty"], found["looks_at_test"]) == (None, None, None)
