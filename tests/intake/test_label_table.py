"""A table of labels fits files by path or name, and each row and file that does not is recorded."""

import re

import pytest

from tests.conftest import read_data
from threeway.errors import InputError
from threeway.intake.labelling import label_paths

PATHS = ["images/a.png", "images/b.png", "more/c.jpg", "more/d.jpg"]
COLUMNS = {"path": "path", "class": "class", "split": "none", "group": "none"}


def label(tmp_path, text, paths=PATHS, encoding="utf-8", columns=(), **changes):
    """Labels by a table of this text: the entries by path."""
    table = tmp_path / "labels.csv"
    table.write_text(text, encoding=encoding)
    data = read_data(table=str(table), columns=COLUMNS | dict(columns), **changes)
    return {entry.path: entry for entry in label_paths(paths, data)}


def classes(*arguments, **options):
    return {path: entry.class_name for path, entry in label(*arguments, **options).items()}


def test_the_first_line_says_what_separates_cells(tmp_path):
    text = 'path;class\n"a, b, c.png";x\n"d, e, f.png";y\n'
    assert classes(tmp_path, text, ["a, b, c.png", "d, e, f.png"]) == {
        "a, b, c.png": "x", "d, e, f.png": "y"
    }  # fmt: skip
    # As it is typed by hand.
    found = classes(tmp_path, 'path, class\na, "x, y"\nb, "z"\n', PATHS[:2])
    assert [*found.values()] == ["x, y", "z"]


@pytest.mark.parametrize(
    "names",
    [
        ["images/a.png", "images/b.png", "more/c.jpg", "more/d.jpg"],
        ["a.png", "b.png", "c.jpg", "d.jpg"],
        ["a", "b", "c", "d"],
        ["images/a", "images/b", "more/c", "more/d"],
        ["./images/a.png", r"images\b.png", "more//c.jpg", "d"],
    ],
)
def test_a_row_has_the_path_or_the_name_or_the_name_without_extension(tmp_path, names):
    rows = "".join(f"{name},{label}\n" for name, label in zip(names, "xyxy", strict=True))
    assert classes(tmp_path, f"path,class\n{rows}") == dict(zip(PATHS, "xyxy", strict=True))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separators_and_byte_order_marks(tmp_path, separator, encoding):
    text = "path,class,x\na,käse,1\nb,brot,2\n".replace(",", separator)
    found = classes(tmp_path, text, encoding=encoding)
    assert [found[path] for path in PATHS] == ["käse", "brot", None, None]


def test_cells_are_text_and_may_be_quoted(tmp_path):
    found = classes(tmp_path, 'path,class\na,NA\nb, 1 \nc,1.0\r\nd,"x, y"\n')
    assert list(found.values()) == ["NA", "1", "1.0", "x, y"]


def test_a_name_may_hold_what_ends_a_line_elsewhere(tmp_path):
    paths = ["a\u2028b.png", "c\x0bd.png", "e\nf.png"]
    found = classes(tmp_path, 'path,class\na\u2028b,x\nc\x0bd,y\n"e\nf",x\n', paths)
    assert found == dict(zip(sorted(paths), "xyx", strict=True))


def test_columns_have_the_names_that_the_settings_say(tmp_path):
    text = "id,breed,part,who\na,x,Training,p1\nb,y,dev,p1\nc,x,test_set,\nd,y,train,p2\n"
    columns = {"path": "id", "class": "breed", "split": "part", "group": "who"}
    found = label(tmp_path, text, columns=columns)
    assert [(e.class_name, e.split, e.group) for e in found.values()] == [
        ("x", "train", "p1"), ("y", "val", "p1"), ("x", "test", None), ("y", "train", "p2")
    ]  # fmt: skip
    dissolved = label(tmp_path, text, columns=columns, division="dissolve")
    assert {entry.split for entry in dissolved.values()} == {None}
    # What is not to be kept need not be there.
    lacking = label(
        tmp_path, "id,breed,who\na,x,p1\nb,y,p2\n", columns=columns, division="dissolve"
    )
    assert [entry.group for entry in lacking.values()] == ["p1", "p2", None, None]


def test_the_folders_say_nothing_beside_a_table(tmp_path):
    paths = ["train/cat/1.png", "test/dog/2.png", "3.png"]
    found = label(tmp_path, "path,class\n1,x\n2,y\n3,x\n", paths)
    assert {path: (e.class_name, e.split) for path, e in found.items()} == {
        "train/cat/1.png": ("x", None), "test/dog/2.png": ("y", None), "3.png": ("x", None)
    }  # fmt: skip


def test_every_row_and_file_that_does_not_fit_has_its_reason(tmp_path):
    paths = [*PATHS, "e.png", "x/f.png", "y/f.png", ".hidden", "g.png", "h.png"]
    text = (
        "path,class,part\na,x,train\nb,y,train\nc,x,test\nd,y,test\nd,y,test\n"
        "e,x,train\ne,y,train\nf,x,train\nlost,x,train\ng,,train\nh,x,yes\n"
    )
    found = label(tmp_path, text, paths, columns={"split": "part"})
    assert {path: e.rejection for path, e in found.items() if e.rejection} == {
        "e.png": "different classes in data.table: x, y",
        "x/f.png": "no row in data.table",
        "y/f.png": "no row in data.table",
        "f": "row of data.table that fits 2 files",
        "lost": "row of data.table without a file",
        ".hidden": "system file",
        "g.png": "no class in data.table",
        "h.png": "no split in data.table: 'yes'",
    }
    assert found["more/d.jpg"].class_name == "y"
    told = ("class_name", "split", "group")
    kept = {path: tuple(getattr(found[path], key) for key in told) for path in found}
    assert kept["lost"] == kept["f"] == kept["h.png"] == ("x", None, None)
    assert kept["g.png"] == (None, "train", None)


def test_rows_of_a_file_that_differ_are_told_by_what(tmp_path):
    paths = [*PATHS, "e.png", "f.png", "g.png"]
    text = (
        "path,class,part,who\na,x,train,p\nb,y,test,q\nc,x,train,r\nd,y,test,s\n"
        "e,x,train,p\ne,x,,p\nf,x,train,p\nf,x,train,q\ng,,Unlabeled,\n"
    )
    found = label(tmp_path, text, paths, columns={"split": "part", "group": "who"})
    assert {path: e.rejection for path, e in found.items() if e.rejection} == {
        "e.png": "different splits in data.table: none, train",
        "f.png": "different groups in data.table: p, q",
        "g.png": "unlabelled: by its split in data.table",
    }
    assert found["g.png"].path == "g.png"


def test_what_a_row_without_a_file_lacks_it_lacks(tmp_path):
    found = label(tmp_path, "path,class\na,x\nb,y\nlost,\n")
    assert found["lost"].class_name is None
    assert found["lost"].rejection == "row of data.table without a file"


def test_a_column_that_must_be_there_cannot_be_none(tmp_path):
    with pytest.raises(InputError, match=r"say in data\.columns\.path which is meant$"):
        label(tmp_path, "file,class\na,x\n")
    with pytest.raises(InputError, match=r"say in data\.columns\.class which is meant$"):
        label(tmp_path, "path,kind\na,x\n")
    with pytest.raises(InputError, match=r"say in data\.columns\.group which is meant, or none$"):
        label(tmp_path, "path,class\na,x\n", columns={"group": "who"})


def test_what_is_refused_anyway_keeps_its_row(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("path,class\na,x\nb,y\nc,x\n")
    refused = {"more/c.jpg": "stored twice in the archive"}
    entries = label_paths(PATHS[:3], read_data(table=str(table), columns=COLUMNS), refused)
    [entry] = [entry for entry in entries if entry.rejection]
    assert (entry.class_name, entry.rejection) == ("x", "stored twice in the archive")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file,class\na,x\n", "no column 'path', only 'file', 'class'; say in data.columns.path"),
        ("path,clas\na,x\n", "no column 'class', only 'path', 'clas'; did you mean 'clas'?"),
        ("path,class,set\na,x,1\n", "say in data.columns.split which is meant, or none"),
        ("path,class,part\n", "has no row below its first line"),
        ("", "has no column 'path'"),
        ("path,class,part\nz/1,x,1\n", "a row has 'z/1', a file is 'images/a.png'"),
        ("path,class,part\na,x,1\nb,y,0\n", "column 'part' holds no split but '0', '1'"),
        ("path,class,part\na,x,1,9\n", "line 2, has more cells than the first line has names"),
        (f"path,class,part\n{'x' * 200_000},x,1\n", "field larger than field limit"),
        ("path,class,part\na,,train\n", "gives no file a class: e.g. 'images/a.png' has no class"),
        ("path,class,part\na,x,train\nb,x,test\n", "holds 1 class, 'x', expected at least 2"),
        ("path,class,part\na,x,train\nb,y,train\n", "divided into train, and has no test"),
        ("path,class,part\na,-1,train\nb,y,test\n", "the class '-1' begins with '-'"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_one_clear_error(tmp_path, text, told):
    with pytest.raises(InputError, match=re.escape(told)):
        label(tmp_path, text, columns={"split": "part"})


def test_of_files_that_differ_in_their_end_the_image_is_meant(tmp_path):
    table = "path,class\na,x\nb,y\n"
    found = classes(tmp_path, table, ["i/a.JPG", "i/a.xml", "i/b.png", "i/b.txt"])
    assert found == {"i/a.JPG": "x", "i/a.xml": None, "i/b.png": "y", "i/b.txt": None}
    masked = ["i/a.jfif", "m/a.png", "i/b.jpg", "m/b.tif", "c.png"]
    found = label(tmp_path, "path,class\na,x\nb,y\nc,x\ni/b,y\n", masked)
    assert {path for path, entry in found.items() if not entry.rejection} == {"i/b.jpg", "c.png"}
    told = "names one file of data.source; 'a' may be 2 of them, such as 'i/a.jpg' and 'k/a.png'"
    with pytest.raises(InputError, match=told):
        label(tmp_path, table, ["i/a.jpg", "k/a.png", "i/b.jpg", "k/b.png"])


def test_files_that_begin_as_a_formula_are_called_files(tmp_path):
    with pytest.raises(InputError, match=r"the file '-a\.png' begins with '-', .*, and 1 more"):
        label(tmp_path, "path,class\n-a,x\n-b,y\nc,x\n", ["-a.png", "-b.png", "c.png"])


def test_a_table_of_hidden_files_alone_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="2 files and no class folder"):
        label(tmp_path, "path,class\n.i/a.png,x\n.i/b.png,y\n", [".i/a.png", ".i/b.png"])


def test_a_table_that_is_not_there_or_no_utf8_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"data.table: there is nothing at .*; set it to a CSV"):
        label_paths(PATHS, read_data(table=str(tmp_path / "none.csv")))
    with pytest.raises(InputError, match=r"is not UTF-8 .*; save it as 'CSV UTF-8'"):
        label(tmp_path, "path,class\na,käse\n", encoding="latin-1")


def test_a_tilde_is_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "labels.csv").write_text("path,class\na,x\nb,y\n")
    entries = label_paths(PATHS, read_data(table="~/labels.csv", columns=COLUMNS))
    assert [entry.class_name for entry in entries] == ["x", "y", None, None]


def test_one_group_for_all_is_an_input_error(tmp_path):
    text = "path,class,who\na,x,me\nb,y,me\n"
    with pytest.raises(InputError, match="all 2 files are one group, 'me'"):
        label(tmp_path, text, PATHS[:2], columns={"group": "who"})


@pytest.mark.parametrize(
    ("first_line", "columns"),
    [
        ("path,class,class", {}),
        ("path,class", {"class": "path"}),
    ],
)
def test_a_column_that_is_meant_or_named_twice_is_an_input_error(tmp_path, first_line, columns):
    table = tmp_path / "labels.csv"
    table.write_text(f"{first_line}\n{PATHS[0]},a,b\n")
    data = read_data(table=str(table))
    names = data.columns.model_dump(by_alias=True) | columns
    with pytest.raises(InputError, match="more than once; rename a column"):
        label_paths(PATHS, read_data(table=str(table), columns=names))


def test_the_empty_lines_that_spreadsheets_end_a_table_with_are_no_rows(tmp_path):
    table = tmp_path / "labels.csv"
    rows = [f"{path},{'ab'[number % 2]}" for number, path in enumerate(PATHS)]
    table.write_text("\n".join(["path,class", *rows, ",", ","]))
    assert len(label_paths(PATHS, read_data(table=str(table)))) == len(PATHS)
