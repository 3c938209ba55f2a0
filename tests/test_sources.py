"""Folders, zips and tars give the same entries; every file is labelled or rejected."""

import tarfile
import zipfile

import pytest

from tests.conftest import CLASSES
from threeway.errors import InputError
from threeway.labelling import label_paths
from threeway.sources import open_source


def as_zip(folder, path, prefix=""):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png"), reverse=True):
            archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


def as_tar(folder, path, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        archive.add(folder, arcname="wrapper")
    return path


def contents(source):
    entries = {e.path: e.class_name for e in label_paths(source.list_paths())}
    return sorted((entries[path], content) for path, content in source.read(entries))


def test_folder_zip_and_tar_hold_the_same_images(class_folders, tmp_path):
    expected = contents(open_source(class_folders))
    assert {name for name, _ in expected} == set(CLASSES)
    assert contents(open_source(as_zip(class_folders, tmp_path / "a.zip"))) == expected
    assert contents(open_source(as_zip(class_folders, tmp_path / "b", "x/y/"))) == expected
    assert contents(open_source(as_tar(class_folders, tmp_path / "c.tar.gz"))) == expected
    assert contents(open_source(as_tar(class_folders, tmp_path / "d.tar", "w"))) == expected


def test_a_missing_source_names_the_path(tmp_path):
    with pytest.raises(InputError, match="nothing at"):
        open_source(tmp_path / "nowhere")


def test_a_file_that_is_no_archive_is_an_input_error(tmp_path):
    (tmp_path / "notes.txt").write_text("no archive")
    with pytest.raises(InputError, match="cannot be opened as zip or tar"):
        open_source(tmp_path / "notes.txt")


def test_an_archive_with_a_password_and_a_file_that_is_gone_are_input_errors(
    class_folders, tmp_path
):
    content = bytearray(as_zip(class_folders, tmp_path / "a.zip").read_bytes())
    # Sets the encryption flag of every entry of the central directory.
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(InputError, match="asks for a password"):
        open_source(tmp_path / "locked.zip")
    with pytest.raises(InputError, match="cannot be read"):
        list(open_source(class_folders).read(["gone.png"]))


def test_a_division_is_read_off_the_folders():
    paths = ["set/Train/cat/1.png", "set/valid/cat/2.png", "set/test/cat/sub/3.png", "set/notes.md"]
    found = {e.path: (e.class_name, e.split, e.rejection) for e in label_paths(paths)}
    assert found == {
        "set/Train/cat/1.png": ("cat", "train", None),
        "set/valid/cat/2.png": ("cat", "val", None),
        "set/test/cat/sub/3.png": ("cat", "test", None),
        "set/notes.md": (None, None, "not in a class folder"),
    }


def test_classes_named_like_splits_are_classes_where_others_stand_beside_them():
    paths = ["train/1.png", "bus/2.png", "test/3.png"]
    assert [e.class_name for e in label_paths(paths)] == ["train", "bus", "test"]


def test_a_division_without_test_is_an_input_error():
    with pytest.raises(InputError, match="without a test folder"):
        label_paths(["train/cat/1.png", "val/cat/2.png"])


def test_system_files_and_stray_files_are_rejected_with_a_reason():
    paths = ["cat/1.png", "dog/2.png", "readme.txt", "__MACOSX/cat/1.png", "dog/.DS_Store"]
    reasons = {e.path: e.rejection for e in label_paths(paths)}
    assert reasons == {
        "cat/1.png": None,
        "dog/2.png": None,
        "readme.txt": "not in a class folder",
        "__MACOSX/cat/1.png": "system file",
        "dog/.DS_Store": "system file",
    }


def test_a_source_without_class_folders_is_an_input_error():
    with pytest.raises(InputError, match="2 files and no class folder"):
        label_paths(["1.png", "2.png"])
