"""The papers' records are whole, and their presets say what the papers do."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import write_class_folders
from threeway.errors import InputError
from threeway.mobilenet import LAYER_NAMES
from threeway.papers.paper import (
    Preset,
    find_paper,
    list_deviations,
    read_active,
    read_figure,
    read_paper,
)
from threeway.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
NAMES = [path.stem for path in sorted((ROOT / "papers").glob("*.yaml"))]
# What is the user's own, and no paper's to say.
USERS = {"paper", "data", "backbone", "machine", "execution", "evaluation", "verdict"}
USERS |= {"tuning", "learning_curve", "refit", "export"}


def preset(name: str) -> Preset:
    return read_paper(ROOT / "papers" / f"{name}.yaml").params


def adopt(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "stages.adopt", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What adopting a paper touches: code, params.yaml, records, and images beside them."""
    for name in ("stages", "threeway", "papers"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    write_class_folders(tmp_path / "my images", per_class=1)
    return tmp_path


def test_a_preset_says_all_that_is_not_the_users_own():
    assert set(Preset.model_fields) - {"data"} == set(Settings.model_fields) - USERS


def test_the_batik_preset_is_the_papers_table():
    batik = preset("batik")
    head, tuning = batik.feature_extraction, batik.fine_tuning
    assert (batik.image.resolution, batik.image.pixel_range) == (288, [-1, 1])
    assert (head.epochs, head.learning_rate, head.dropout, head.hidden_units) == (12, 1e-4, 0.2, 0)
    assert (tuning.epochs, tuning.learning_rate) == (18, 1e-5)
    assert batik.baseline_cnn.epochs == head.epochs + tuning.epochs
    assert LAYER_NAMES.index(tuning.unfreeze_from) == 101
    assert {s.early_stopping_patience for s in (head, tuning)} == {5}
    assert batik.data.fractions.model_dump() == {"train": 0.7, "val": 0.2, "test": 0.1}
    assert batik.augmentation.rotation == 0.05 * 360


def test_the_clothing_preset_is_the_papers_but_for_the_test_images():
    clothing = preset("clothing")
    head, change = clothing.feature_extraction, clothing.augmentation
    assert (clothing.image.resolution, clothing.image.pixel_range) == (128, [0, 1])
    assert (head.hidden_units, head.dropout, head.learning_rate) == (128, 0.5, 1e-4)
    assert (head.epochs, head.early_stopping_patience, head.plateau_patience) == (250, 0, 0)
    assert (change.rotation, change.shift, change.shear, change.zoom) == (20, 0.2, 0.2, 0.2)
    assert clothing.data.fractions.test == 0.2


@pytest.mark.parametrize("name", NAMES)
def test_adopting_a_paper_sets_its_params_and_keeps_every_comment(project, name):
    before = (project / "params.yaml").read_text()
    result = adopt(project, name, "my images")
    assert result.returncode == 0, result.stderr
    after = (project / "params.yaml").read_text()

    comments = re.compile(r"#.*")
    assert comments.findall(after) == comments.findall(before)
    settings = load_settings(*Settings.model_fields, path=project / "params.yaml")
    assert (settings.paper, settings.data.source) == (name, "my images")
    for section, asked in preset(name).model_dump().items():
        found = getattr(settings, section).model_dump()
        assert {key: found[key] for key in asked} == asked
    # The user's own settings stay.
    mine = YAML(typ="safe").load(before)
    assert settings.training.seeds == mine["training"]["seeds"]
    assert settings.machine.threads == mine["machine"]["threads"]


def test_adopting_one_paper_after_another_leaves_nothing_of_the_first(project):
    adopt(project, "clothing", "my images")
    adopt(project, "batik", "my images")
    second = (project / "params.yaml").read_text()
    shutil.copyfile(ROOT / "params.yaml", project / "params.yaml")
    adopt(project, "batik", "my images")
    assert YAML(typ="safe").load(second) == YAML(typ="safe").load(project / "params.yaml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["clothng", "my images"], "only animals, bare, batik, clothing; did you mean 'clothing'?"),
        (["batik", "nowhere"], "data.source: there is nothing at 'nowhere'"),
        (["batik", "my images/cross"], "no class folder"),
        (["bare", "my images"], "papers/bare.yaml has no params"),
    ],
)
def test_what_cannot_be_adopted_changes_nothing(project, arguments, message):
    (project / "papers/bare.yaml").write_text("citation: Someone, 2026\ntask: any\n")
    before = (project / "params.yaml").read_text()
    result = adopt(project, *arguments)
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert (project / "params.yaml").read_text() == before


def test_another_number_of_classes_is_told(project):
    said = adopt(project, "batik", "my images").stdout
    assert "the paper has 20 classes, my images has 3: circle, cross, stripe" in said
    assert "stays as it is: data.layout: auto, data.table: none, data.group: none," in said


def test_no_paper_is_active_by_default(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert read_active("none") is None
    assert read_active("batik") == read_paper(find_paper("batik"))
    with pytest.raises(InputError, match="did you mean 'batik'"):
        read_active("batk")


def test_figures_are_read_with_their_rounding():
    assert [float(number) for number in read_figure("94.00 %")] == [0.94, 0.00005]
    assert [float(number) for number in read_figure("0.9502")] == [0.9502, 0.00005]


def test_no_images_at_all_is_said_before_anything_changes(project):
    before = (project / "params.yaml").read_text()
    result = adopt(project, "batik", "")
    assert result.stderr.startswith("error: there are no images to run batik on; name a folder")
    assert (project / "params.yaml").read_text() == before


def test_a_file_that_only_lacks_its_images_is_mended(project):
    path = project / "params.yaml"
    path.write_text(path.read_text().replace("source: data/clothing.zip", 'source: ""'))
    assert adopt(project, "batik", "my images").returncode == 0
    assert load_settings("data", path=path).data.source == "my images"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("folds: 5", "folds: 5: 4", "error: params.yaml is not valid YAML: "),
        ("augmentation:", "augmentations:", "  augmentation: missing, expected a value"),
    ],
)
def test_a_file_that_is_no_params_stays_as_it_is(project, old, new, told):
    path = project / "params.yaml"
    broken = path.read_text().replace(f"{old}", new, 1)
    path.write_text(broken)
    result = adopt(project, "batik", "my images")
    assert result.returncode == 1
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert path.read_text() == broken


def test_deviations_from_a_preset_are_listed_with_both_values():
    paper = read_paper(ROOT / "papers/batik.yaml")
    preset_values = paper.params.model_dump()
    settings = load_settings(*Settings.model_fields, path=ROOT / "params.yaml")
    changed = {
        name: getattr(settings, name).model_copy(update=values)
        for name, values in preset_values.items()
        if name not in ("data", "training")
    }
    changed["data"] = settings.data.model_copy(update=dict(paper.params.data))
    recipe = preset_values["training"]
    changed["training"] = settings.training.model_copy(update=recipe)
    followed = settings.model_copy(update=changed)
    assert list_deviations(paper, followed) == []
    smaller = followed.image.model_copy(update={"resolution": 64})
    found = list_deviations(paper, followed.model_copy(update={"image": smaller}))
    assert found == ["image.resolution: 64 (the paper's: 288)"]
    tuned = followed.tuning.model_copy(update={"trials": 12})
    found = list_deviations(paper, followed.model_copy(update={"image": smaller, "tuning": tuned}))
    assert found == [
        "image.resolution: 64 (the paper's: 288)",
        "tuning.trials: 12 (the paper's recipe is the first)",
    ]
    without = paper.model_copy(update={"params": None})
    assert list_deviations(without, followed.model_copy(update={"tuning": tuned})) == []
