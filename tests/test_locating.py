"""A path of params.yaml leads where its user means."""

from pathlib import Path

import pytest

from threeway.errors import InputError
from threeway.locating import find_checkout, locate


def test_a_tilde_is_the_users_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate("~/photos") == tmp_path / "photos"


def test_a_relative_path_starts_here_and_an_absolute_one_nowhere_else(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert locate("data/photos") == Path("data/photos")
    assert locate(str(tmp_path)) == tmp_path


def test_a_copy_that_dvc_made_finds_in_the_checkout_what_git_does_not_track(monkeypatch, tmp_path):
    copy = tmp_path / ".dvc/tmp/exps/standard/tmp4x"
    (copy / "data").mkdir(parents=True)
    (copy / "data/clothing.zip").write_text("in git")
    monkeypatch.chdir(copy)
    assert find_checkout(copy) == tmp_path
    assert locate("data/photos") == tmp_path / "data/photos"
    assert locate("data/clothing.zip") == Path("data/clothing.zip")


def test_other_folders_are_no_copies():
    assert find_checkout(Path("/home/user/exps/project")) is None


def test_a_user_that_nobody_knows_is_an_input_error():
    with pytest.raises(InputError, match=r"'~photos-of-nobody' begins with the name of a user"):
        locate("~photos-of-nobody")
