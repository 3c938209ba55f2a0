"""params.yaml is checked as a whole, and every error names the key and the way out."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from threeway.errors import InputError
from threeway.settings import Settings, known_keys, load_settings, restore_settings

PARAMS = Path(__file__).parents[1] / "params.yaml"


def write_changed(tmp_path: Path, key: str, value: object, remove: bool = False) -> Path:
    content = YAML(typ="safe").load(PARAMS)
    *parents, last = key.split(".")
    section = content
    for parent in parents:
        section = section[parent]
    if remove:
        del section[last]
    else:
        section[last] = value
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(content, path)
    return path


def test_the_projects_own_params_are_valid():
    assert load_settings("training", path=PARAMS).training.seeds


def test_what_was_not_asked_for_cannot_be_read():
    settings = load_settings("image", "data.seed", "data.group", path=PARAMS)
    assert settings.data.seed == 2026
    with pytest.raises(AttributeError):
        _ = settings.training
    with pytest.raises(AttributeError):
        _ = settings.data.fractions


def test_settings_are_what_the_file_says_and_nothing_else():
    """No stage depends on the code that checks them: it must not change them."""
    written = YAML(typ="safe").load(PARAMS)
    assert load_settings(*written, path=PARAMS).model_dump(by_alias=True) == written


def test_sections_are_restored_from_what_was_dumped():
    settings = load_settings("image", "fine_tuning", path=PARAMS)
    assert restore_settings(settings.model_dump()) == settings
    with pytest.raises(KeyError):
        restore_settings({"imagination": {}})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "fine_tuning.epoch",
            3,
            "fine_tuning.epoch: unknown key; did you mean 'fine_tuning.epochs'?",
        ),
        ("trainning", {}, "trainning: unknown key; did you mean 'training'?"),
        (
            "training.batch_size",
            "32",
            "training.batch_size: found '32'. Input should be a valid integer",
        ),
        ("training.batch_size", 0, "training.batch_size: found 0. Input should be greater than 0"),
        ("training.seeds", [1, 1], "training.seeds: [1, 1] names a seed twice"),
        ("training.seeds", [], "training.seeds: found []"),
        (
            "data.fractions",
            {"train": 0.7, "val": 0.1, "test": 0.1},
            "data.fractions: train, val and test sum to 0.9, expected 1",
        ),
        (
            "fine_tuning.unfreeze_from",
            "block_11_dephtwise",
            "no layer 'block_11_dephtwise'; did you mean 'block_11_depthwise'?",
        ),
        ("augmentation.flip", "horizontl", "did you mean 'horizontal'?"),
        ("image.resolution", 3.5, "image.resolution: found 3.5"),
        ("image.pixel_range", [0, 255], "image.pixel_range: found [0, 255], expected [-1, 1] or"),
        ("paper", "../batik", "paper: found '../batik'"),
        ("data.layout", "clas", "data.layout: found 'clas', expected auto, or levels of folders"),
        ("data.layout", "split", "data.layout: found 'split', expected auto"),
        ("data.layout", "class/class", "data.layout: found 'class/class', expected auto"),
        ("data.layout", "split/split/class", "one class, at most one split and group"),
        ("data.division", "kept", "data.division: found 'kept'"),
        ("data.group", "(", "data.group: found '(', which is no regular expression (missing )"),
        ("data.columns.clas", "x", "unknown key; did you mean 'data.columns.class'?"),
        ("data.table", "", "data.table: found ''"),
        ("data.folds", 0, "data.folds: found 0. Input should be greater than 0"),
        ("verdict.margin", 2, "verdict.margin: found 2. Input should be"),
        ("verdict.cost", "run", "verdict.cost: found 'run'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(tmp_path, key, value, message):
    with pytest.raises(InputError, match="is not valid") as caught:
        load_settings("image", path=write_changed(tmp_path, key, value))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"table": "x.csv", "layout": "class"}, "data: layout is 'class', but with a table the"),
        ({"group": "a", "layout": "class/group"}, "data: group and layout both name groups"),
        ({"folds": 1, "repeats": 2}, "data: repeats is 2, but one fold is one division; set folds"),
        (
            {"group": "a", "table": "x.csv", "columns": {"group": "b"}},
            "data: group and columns.group both name groups; keep one of them",
        ),
    ],
)
def test_what_is_said_twice_is_an_error(tmp_path, changes, told):
    content = YAML(typ="safe").load(PARAMS)
    columns = content["data"]["columns"] | changes.get("columns", {})
    content["data"] |= changes | {"columns": columns}
    YAML(typ="safe").dump(content, tmp_path / "params.yaml")
    with pytest.raises(InputError) as caught:
        load_settings("data", path=tmp_path / "params.yaml")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "layout", ["auto", "class", "*/class", "split/*/class/group", "group/class"]
)
def test_layouts_are_words_for_levels(tmp_path, layout):
    path = write_changed(tmp_path, "data.layout", layout)
    assert load_settings("data", path=path).data.layout == layout


def test_a_missing_key_is_named(tmp_path):
    path = write_changed(tmp_path, "image.resolution", None, remove=True)
    with pytest.raises(InputError, match=r"image\.resolution: missing"):
        load_settings("data", path=path)


def test_all_problems_are_told_at_once(tmp_path):
    first = write_changed(tmp_path, "image.resolution", -1)
    content = YAML(typ="safe").load(first)
    content["training"]["seeds"] = "one"
    YAML(typ="safe").dump(content, first)
    with pytest.raises(InputError) as caught:
        load_settings("image", path=first)
    assert "image.resolution" in str(caught.value)
    assert "training.seeds" in str(caught.value)


def test_broken_yaml_is_an_input_error(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("data: [1, 2\n")
    with pytest.raises(InputError, match="not valid YAML"):
        load_settings("data", path=path)


def test_no_key_is_called_what_dvcs_cache_of_runs_forgets():
    """A change of "size" or "nfiles", at any depth, would give what was before, in silence."""
    names = {part for key in known_keys(Settings) for part in key.split(".")}
    assert "resolution" in names
    assert not names & {"size", "nfiles"}
