"""params.yaml is checked as a whole, and every error names the key and the way out."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from threeway.errors import InputError
from threeway.settings import Range, Settings, known_keys, load_settings, restore_settings

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
        ("execution.workers", 0, "execution.workers: found 0, expected auto or a number from 1 on"),
        ("execution.workers", True, "execution.workers: found True, expected auto or a number"),
        (
            "export.formats",
            ["int8"],
            "export.formats: found ['int8'], expected float32 among them: ",
        ),
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
        ("training.seeds", [1, 1], "training.seeds: [1, 1] names one twice"),
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
        (
            "fine_tuning.unfreeze_from",
            "Conv_1_bn",
            "found 'Conv_1_bn', behind which MobileNetV2 has no convolution to train, expected "
            "'Conv_1' or a layer before it",
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
        ("training.augmented_share", 1.5, "training.augmented_share: found 1.5. Input should be"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(tmp_path, key, value, message):
    with pytest.raises(InputError, match="is not valid") as caught:
        load_settings("image", path=write_changed(tmp_path, key, value))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (
            "tuning.baseline_cnn.learning_rate",
            {"low": 0.1, "high": 0.01},
            "tuning.baseline_cnn.learning_rate: low is 0.1 and high 0.01, expected a higher one",
        ),
        (
            "tuning.baseline_cnn.dropout",
            {"low": 0.5, "high": 0.5},
            "tuning.baseline_cnn.dropout: low is 0.5 and high 0.5, expected a higher one",
        ),
        (
            "tuning.fine_tuning.learning_rate",
            {"low": 0, "high": 0.001},
            "tuning.fine_tuning.learning_rate.low: found 0. Input should be greater than 0",
        ),
        (
            "tuning.feature_extraction.dropout",
            {"low": 0, "high": 1},
            "tuning.feature_extraction.dropout.high: found 1. Input should be less than 1",
        ),
        (
            "tuning.augmented_share",
            {"low": 0, "high": 2},
            "tuning.augmented_share.high: found 2. Input should be less than or equal to 1",
        ),
        (
            "tuning.augmented_share",
            {"low": 0},
            "tuning.augmented_share.high: missing, expected a value",
        ),
        (
            "tuning.augmented_share",
            0.5,
            "tuning.augmented_share: found 0.5, expected a range, {low: …, high: …}, or a list",
        ),
        (
            "tuning.augmented_share",
            [0.5, 1, 0.5],
            "tuning.augmented_share: [0.5, 1.0, 0.5] names one twice, expected different ones",
        ),
        (
            "tuning.feature_extraction.learning_rate",
            [0.01, 0.01],
            "tuning.feature_extraction.learning_rate: [0.01, 0.01] names one twice, expected "
            "different ones",
        ),
        (
            "tuning.feature_extraction.hidden_units",
            [0, 64, 0],
            "tuning.feature_extraction.hidden_units: [0, 64, 0] names one twice, expected "
            "different ones",
        ),
        (
            "tuning.baseline_cnn.dense_units",
            [64, 0],
            "tuning.baseline_cnn.dense_units.1: found 0. Input should be greater than 0",
        ),
        (
            "tuning.baseline_cnn.dense_units",
            [],
            "tuning.baseline_cnn.dense_units: found []. List should have at least 1 item after "
            "validation, not 0",
        ),
        (
            "tuning.baseline_cnn.dense_units",
            {"low": 64, "high": 256},
            "tuning.baseline_cnn.dense_units: found {'high': 256, 'low': 64}. Input should be a "
            "valid list",
        ),
        (
            "tuning.fine_tuning.unfreeze_from",
            ["block_8_depthwise", "block_11_dephtwise"],
            "tuning.fine_tuning.unfreeze_from.1: MobileNetV2 has no layer 'block_11_dephtwise'; "
            "did you mean 'block_11_depthwise'?",
        ),
        ("tuning.trials", -1, "tuning.trials: found -1. Input should be greater than or equal to"),
        ("tuning.trials", 1, "tuning.trials: found 1, which would try the recipe as it is written"),
        ("learning_curve.shares", [0.5, 0.5], "learning_curve.shares: [0.5, 0.5] names one twice,"),
        ("learning_curve.shares", [0.5, 1.0], "learning_curve.shares.1: found 1.0. Input should"),
        (
            "learning_curve.scenarios",
            ["baseline_cnn", "baseline_cnn"],
            "learning_curve.scenarios: ['baseline_cnn', 'baseline_cnn'] names one twice,",
        ),
        (
            "learning_curve.scenarios",
            ["fine_tuning", "baseline_cnn"],
            "learning_curve: scenarios has fine_tuning, which starts from the heads of "
            "feature_extraction; add that as well",
        ),
    ],
)
def test_what_is_wrong_with_a_search_or_a_curve_is_told_in_one_line(tmp_path, key, value, told):
    path = write_changed(tmp_path, key, value)
    with pytest.raises(InputError) as caught:
        load_settings("image", path=path)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{path} is not valid:"
    assert [line[: len(told) + 2] for line in lines] == [f"  {told}"]


def write_tuned(tmp_path: Path, trials: int, **changes: object) -> Path:
    """Writes params.yaml with some trials, and values by section and key, as section__key."""
    content = YAML(typ="safe").load(PARAMS)
    content["tuning"]["trials"] = trials
    for name, value in changes.items():
        section, _, key = name.partition("__")
        content[section][key] = value
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(content, path)
    return path


def test_what_is_written_is_in_its_ranges_or_there_are_no_trials(tmp_path):
    assert load_settings("tuning", path=write_tuned(tmp_path, 3)).tuning.trials == 3
    outside = {"baseline_cnn__learning_rate": 0.02, "baseline_cnn__dense_units": 7}
    outside |= {"fine_tuning__unfreeze_from": "block_12_depthwise"}
    written = load_settings("baseline_cnn", path=write_tuned(tmp_path, 0, **outside))
    assert written.baseline_cnn.learning_rate == 0.02
    path = write_tuned(tmp_path, 2, **outside)
    with pytest.raises(InputError) as caught:
        load_settings("image", path=path)
    assert str(caught.value) == (
        f"{path} is not valid:\n"
        "  baseline_cnn.learning_rate is 0.02, baseline_cnn.dense_units is 7, "
        "fine_tuning.unfreeze_from is 'block_12_depthwise', which the ranges of tuning leave out; "
        "widen them, or set tuning.trials to 0"
    )


def test_what_all_scenarios_share_is_told_once_and_an_end_of_a_range_is_in_it(tmp_path):
    edges = {"baseline_cnn__learning_rate": 0.01, "feature_extraction__dropout": 0}
    load_settings("image", path=write_tuned(tmp_path, 2, **edges))
    path = write_tuned(tmp_path, 2, tuning__augmented_share=[0, 0.5])
    with pytest.raises(InputError, match=r":\n  training\.augmented_share is 1\.0, which the r"):
        load_settings("image", path=path)


def test_heads_may_be_left_out_of_the_curve_where_nothing_starts_from_them(tmp_path):
    for scenarios in ([], ["baseline_cnn"], ["fine_tuning", "feature_extraction"]):
        path = write_changed(tmp_path, "learning_curve.scenarios", scenarios)
        assert load_settings("learning_curve", path=path).learning_curve.scenarios == scenarios


def test_settings_are_got_and_replaced_by_their_names():
    settings = load_settings("training", "baseline_cnn", path=PARAMS)
    values = {"baseline_cnn.learning_rate": 0.5, "baseline_cnn.dense_units": 3}
    values |= {"training.augmented_share": 0.25}
    before = settings.model_dump()
    found = settings.replace(values)
    assert {name: found.get(name) for name in values} == values
    assert settings.model_dump() == before
    after = found.model_dump()
    for section, key in (name.split(".") for name in values):
        after[section][key] = before[section][key]
    assert after == before
    assert settings.replace({}) == settings


def test_a_section_that_was_left_out_cannot_be_read():
    settings = load_settings("image", "training", path=PARAMS)
    left = settings.drop("image")
    assert left.model_dump() == {"training": settings.training.model_dump()}
    with pytest.raises(AttributeError):
        _ = left.image
    assert settings.drop("nowhere").model_dump() == settings.model_dump()


def test_ranges_are_those_of_a_scenario_and_what_all_share_in_the_order_of_the_file():
    keys = ("tuning.trials", "tuning.augmented_share", "tuning.fine_tuning")
    settings = load_settings(*keys, path=PARAMS)
    assert settings.list_ranges("fine_tuning") == {
        "fine_tuning.learning_rate": Range(low=1e-5, high=1e-3),
        "fine_tuning.unfreeze_from": [
            "block_8_depthwise",
            "block_11_depthwise",
            "block_14_depthwise",
        ],
        "training.augmented_share": Range(low=0, high=1),
    }
    assert [*settings.list_ranges("fine_tuning")][-1] == "training.augmented_share"
    with pytest.raises(AttributeError):
        settings.list_ranges("baseline_cnn")


def test_a_range_holds_its_ends_and_what_is_between():
    found = Range(low=0.1, high=0.3)
    assert [value in found for value in (0.0999, 0.1, 0.2, 0.3, 0.3001)] == [
        False, True, True, True, False
    ]  # fmt: skip


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
        (
            {"columns": {"group": "patient"}},
            "data: columns.group is 'patient', but there is no table; set table to a CSV, or "
            "columns.group to none",
        ),
        ({"columns": {"split": "set"}}, "data: columns.split is 'set', but there is no table"),
    ],
)
def test_what_is_said_twice_or_for_nothing_is_an_error(tmp_path, changes, told):
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


def test_seeds_have_one_order(tmp_path):
    path = write_changed(tmp_path, "training.seeds", [3, 1, 2])
    assert load_settings("training", path=path).training.seeds == [1, 2, 3]


def test_every_layer_up_to_the_last_convolution_can_be_the_first_that_trains(tmp_path):
    for name in ("Conv1", "block_16_project_BN", "Conv_1"):
        path = write_changed(tmp_path, "fine_tuning.unfreeze_from", name)
        assert load_settings("fine_tuning", path=path).fine_tuning.unfreeze_from == name
