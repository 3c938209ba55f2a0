"""Folders, zips and tars give the same files, and say which they refuse."""

import os
import shutil
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import CLASSES, read_data
from threeway.errors import InputError
from threeway.intake import sources
from threeway.intake.labelling import label_paths
from threeway.intake.sources import open_source


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
    entries = {e.path: e.class_name for e in label_paths(source.list_paths(), read_data())}
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


@pytest.mark.parametrize(("num_faults", "more"), [(3, ""), (5, " (and 2 more)")])
def test_the_first_faults_are_named_and_the_others_counted(tmp_path, num_faults, more):
    for number in range(num_faults):
        (tmp_path / str(number)).symlink_to("nowhere")
    with pytest.raises(InputError) as error:
        open_source(tmp_path).list_paths()
    faults = [f"'{number}' is a link that leads nowhere: remove it" for number in range(num_faults)]
    # In the order of the directory, which is not ours.
    told = str(error.value).split("cannot be read: ")[1]
    assert told.endswith(more)
    named = told.removesuffix(more).split("; ")
    assert len(named) == 3
    assert set(named) <= set(faults)


def write_members(folder, names):
    """Writes members in this order into a zip and a compressed tar; returns both, open."""
    (folder / "image.png").write_bytes(bytes(100))
    with zipfile.ZipFile(folder / "a.zip", "w") as archive, \
            tarfile.open(folder / "a.tgz", "w:gz") as other:  # fmt: skip
        for name in names:
            archive.write(folder / "image.png", name)
            other.add(folder / "image.png", name)
    return open_source(folder / "a.zip"), open_source(folder / "a.tgz")


def test_archives_are_read_from_front_to_back(tmp_path):
    # A compressed tar would otherwise be read from its beginning for every member.
    names = ["b/1.png", "c/1.png", "a/1.png"]
    for source in write_members(tmp_path, names):
        assert source.list_paths() == sorted(names)
        assert [path for path, _ in source.read(sorted(names))] == names


def test_what_no_image_needs_is_not_read(tmp_path, monkeypatch):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "1.png").write_bytes(bytes(100))
    for limit in (99, 100):
        monkeypatch.setattr(sources, "MAX_BYTES", limit)
        for source in (open_source(tmp_path), *write_members(tmp_path, ["a/1.png"])):
            [(_, content)] = source.read(["a/1.png"])
            assert isinstance(content, bytes) == (limit == 100)
            assert limit == 100 or str(content) == "too large: 100 bytes"


@contextmanager
def without_roots_rights():
    """Root may read everything; this process is nobody for a while, if it is root."""
    ids, nobody = os.getresuid(), 65534
    if not os.geteuid():
        os.setresuid(nobody, nobody, 0)
    try:
        yield
    finally:
        os.setresuid(*ids)


@pytest.mark.skipif(not hasattr(os, "getresuid"), reason="needs Unix users")
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("cross/cross-01.png", "'cross/cross-01.png' may not be read: change its permissions"),
        ("circle", "[Errno 13] Permission denied: '{}/circle'"),
    ],
)
def test_what_may_not_be_read_is_named(class_folders, path, told):
    # Not below tmp_path, whose parent is closed to nobody.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        source = Path(shutil.copytree(class_folders, Path(folder, "images")))
        (source / path).chmod(0o000)
        with without_roots_rights(), pytest.raises(InputError) as error:
            open_source(source).list_paths()
        (source / path).chmod(0o755)
    assert str(error.value).endswith(f"cannot be read: {told.format(source)}")


def write_linked(folder: Path) -> Path:
    """Writes a source of one folder, and others around it to which links may lead."""
    for name in ("source/cat", "else/dog", "else/bird/deep"):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.png").touch()
    return folder / "source"


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path):
    source = write_linked(tmp_path)
    (source / "dog").symlink_to(tmp_path / "else/dog")
    (source / "bird").symlink_to("../else/bird")
    opened = open_source(source)
    assert opened.list_paths() == ["bird/deep/1.png", "cat/1.png", "dog/1.png"]
    assert opened.refused == {}
    assert [path for path, _ in opened.read(["dog/1.png"])] == ["dog/1.png"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("source", "it leads into the source, which is read anyway"),
        ("source/cat", "it leads into the source, which is read anyway"),
        (".", "the source lies in it"),
        ("/", "the source lies in it"),
        ("else/bird", "another link leads there already"),
        ("else/bird/deep", "another link leads there already"),
        ("else", "another link leads there already"),
    ],
)
def test_no_folder_is_read_twice(tmp_path, target, reason):
    source = write_linked(tmp_path)
    (source / "a link").symlink_to(tmp_path / "else/bird")
    (source / "z link").symlink_to(tmp_path / target)
    opened = open_source(source)
    assert opened.list_paths() == ["a link/deep/1.png", "cat/1.png", "z link"]
    assert opened.refused == {"z link": f"link to a folder: {reason}"}


def test_a_linked_folder_is_followed_with_its_own_links(tmp_path):
    source = write_linked(tmp_path)
    (tmp_path / "else/dog/back").symlink_to(source)
    (tmp_path / "else/dog/on").symlink_to("../bird")
    (source / "dog").symlink_to(tmp_path / "else/dog")
    opened = open_source(source)
    assert opened.list_paths() == [
        "cat/1.png", "dog/1.png", "dog/back", "dog/on/deep/1.png"
    ]  # fmt: skip
    assert list(opened.refused) == ["dog/back"]


def test_a_tilde_is_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_linked(tmp_path)
    assert open_source("~/source").list_paths() == ["cat/1.png"]


def test_a_tar_of_a_folder_from_inside_has_the_paths_of_the_folder(tmp_path, class_folders):
    with tarfile.open(tmp_path / "inside.tar", "w") as archive:
        archive.add(class_folders, arcname=".")
    source = open_source(tmp_path / "inside.tar")
    assert source.list_paths() == open_source(class_folders).list_paths()
    [(_, content)] = source.read(["circle/circle-00.png"])
    assert content == (class_folders / "circle/circle-00.png").read_bytes()


def test_folders_that_old_programs_of_windows_name_are_folders(tmp_path):
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("cat\\", "cat\\1.png", "cat\\..\\..\\2.png", "3.png"):
            archive.writestr(name, b"x" if name.endswith(".png") else b"")
    source = open_source(path)
    assert source.list_paths() == ["3.png", "cat/../../2.png", "cat/1.png"]
    assert source.refused == {"cat/../../2.png": "path that leads out of the archive"}
    assert dict(source.read(["cat/1.png"])) == {"cat/1.png": b"x"}
    # A backslash beside a slash is part of a name.
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("dog/a\\b.png", b"x")
    assert open_source(path).list_paths() == ["dog/a\\b.png"]


def test_names_in_a_zip_that_are_utf8_without_saying_so_are_read_as_such(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("katz\N{LATIN SMALL LETTER A WITH DIAERESIS}/1.png", b"x")
    # The flag that says UTF-8, in the member's own header and in the directory.
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 7), (b"PK\1\2", 9)):
        content[content.index(signature) + offset] &= ~0x08
    path.write_bytes(content)
    assert open_source(path).list_paths() == ["katz\N{LATIN SMALL LETTER A WITH DIAERESIS}/1.png"]
    [(_, content)] = open_source(path).read(open_source(path).list_paths())
    assert content == b"x"


def test_what_systems_leave_need_not_be_readable(class_folders):
    before = open_source(class_folders).list_paths()
    (class_folders / ".lock").symlink_to("nowhere")
    (class_folders / "circle/._pipe").symlink_to(class_folders / "circle/._pipe")
    assert open_source(class_folders).list_paths() == sorted([".lock", "circle/._pipe", *before])
    (class_folders / "circle/pipe").symlink_to("nowhere")
    with pytest.raises(InputError, match="'circle/pipe' is a link that leads nowhere"):
        open_source(class_folders).list_paths()


@pytest.mark.skipif(not hasattr(os, "getresuid"), reason="needs Unix users")
def test_a_folder_that_systems_leave_need_not_be_readable(class_folders):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        images = shutil.copytree(class_folders, Path(folder, "shapes"))
        for name in (".Trashes", "System Volume Information"):
            (images / name).mkdir(mode=0)
        with without_roots_rights():
            found = open_source(images).list_paths()
        assert found == open_source(class_folders).list_paths()


def test_the_folder_of_all_is_no_file_of_a_zip(tmp_path):
    """As `for folder, _, _ in os.walk("."): archive.write(folder)` makes one."""
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("./", "./cat/", "./cat/1.png"):
            archive.writestr(name, b"")
    assert open_source(path).list_paths() == ["cat/1.png"]
