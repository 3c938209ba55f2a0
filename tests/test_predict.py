"""Files are classified as the pipeline prepares them, whatever else lies in the folder; and the
example for a device, which has no TensorFlow and no threeway, says the same.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.predict import introduce, list_files, name_fields, parse_count
from tests.conftest import CLASSES, draw_image, encode
from tests.home import SIZE, describe, make_model
from threeway.artefacts import TAKEN_HOME
from threeway.errors import InputError
from threeway.intake.decoding import prepare_image
from threeway.model.about import LITERT, NOVELTY, Unlike
from threeway.model.classifier import Classifier

pytestmark = pytest.mark.usefixtures("deterministic")
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/device/classify.py"
# As pip's log says it; an index that answers, whatever it says, is reached.
UNREACHED = re.compile(r"Could not fetch URL \S+: (connection error|timed out)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a model, and photographs of all kinds."""
    root = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        make_model(root, "feature_extraction")
    photos = root / "photos"
    (photos / "more").mkdir(parents=True)
    draw_image("circle", 50, 300).save(photos / "large.jpg", quality=90)
    turned = draw_image("stripe", 51, 90).crop((0, 0, 90, 50))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    turned.save(photos / "turned.jpg", exif=exif)
    seen = draw_image("cross", 52, 64).convert("RGBA")
    seen.putalpha(Image.linear_gradient("L").resize((64, 64)))
    seen.save(photos / "more" / "glass, clear.png")
    draw_image("cross", 53).convert("L").save(photos / "more" / "grey.webp")
    (photos / "notes.txt").write_text("no image")
    (photos / "empty.jpg").touch()
    (photos / ".DS_Store").touch()
    (photos / "cut.png").write_bytes(encode(draw_image("circle", 1))[:500])
    return root


def predict(home: Path, *arguments: str) -> tuple[str, str, int]:
    """Runs the command in the checkout: what it prints on both streams, and its status."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "stages.predict", *arguments]
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout, done.stderr, done.returncode


def answer(home: Path, names: list[str]) -> np.ndarray:
    """Answers files as the pipeline prepares them: (files, classes)."""
    pixels = [prepare_image((home / name).read_bytes(), SIZE, "pad") for name in names]
    return Classifier(home / TAKEN_HOME / LITERT).answer(np.stack(pixels)).probabilities


IMAGES = ["large.jpg", "more/glass, clear.png", "more/grey.webp", "turned.jpg"]
NAMES = [f"photos/{name}" for name in IMAGES]


def test_a_folder_is_classified_and_what_is_no_image_is_named(home):
    printed, told, status = predict(home, "photos")
    lines = [line.split("\t") for line in printed.splitlines()]
    assert [line[0] for line in lines] == NAMES
    expected = answer(home, NAMES)
    for line, probabilities in zip(lines, expected, strict=True):
        assert line[1] == CLASSES[probabilities.argmax()]
        assert float(line[2]) == pytest.approx(probabilities.max(), abs=1e-4)
    introduction, *rest = told.splitlines()
    assert introduction == (
        "feature_extraction, trained on 36 images of shapes: of images like those expect 75.0 % "
        "to be right (60.0 to 85.0)"
    )
    assert "photos/cut.png\tdamaged: " in told
    assert "photos/empty.jpg\tempty file" in rest
    assert rest[-1] == "error: 3 of 7 files are no images that can be read"
    assert status == 1


def test_csv_and_json_say_all_of_each_file(home):
    printed, _, status = predict(home, "--format", "csv", "--top", "2", "photos")
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(printed))}
    assert len(rows) == 7
    assert [*rows["photos/empty.jpg"].values()] == [
        "photos/empty.jpg", "", "", "", "", "", "empty file",
    ]  # fmt: skip
    for name, probabilities in zip(NAMES, answer(home, NAMES), strict=True):
        order = np.argsort(-probabilities)
        row = rows[name]
        assert [row["class"], row["class_2"]] == [CLASSES[order[0]], CLASSES[order[1]]]
        found = [float(row["probability"]), float(row["probability_2"])]
        assert found == pytest.approx(np.sort(probabilities)[::-1][:2], abs=1e-4)
        assert row["unlike"] in ("True", "False")
    # More than there are is all of them.
    printed, *_ = predict(home, "--format", "json", "--top", "9", "photos")
    found = json.loads(printed)
    assert [row["path"] for row in found] == [*rows]
    assert {len(row) for row in found} == {2, 8}
    assert {str(row["unlike"]) for row in found if "error" not in row} == {
        row["unlike"] for row in rows.values() if not row["error"]
    }
    assert status == 1


def test_what_is_unlike_is_said(home, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(home / TAKEN_HOME, model)
    lines = predict(home, "--model", str(model / LITERT), *NAMES)[0].splitlines()
    classifier = Classifier(model / LITERT)
    pixels = [prepare_image((home / name).read_bytes(), SIZE, "pad") for name in NAMES]
    unlike = classifier.answer(np.stack(pixels)).unlike
    assert [line.endswith("\tunlike all that it was trained on") for line in lines] == [*unlike]
    (model / NOVELTY).unlink()
    printed, told, status = predict(home, "--model", str(model / LITERT), NAMES[0])
    assert "unlike" not in printed
    assert "; without novelty.tflite nothing tells what is unlike them" in told
    assert status == 0


def test_without_a_model_it_says_how_to_get_one(home, tmp_path):
    (tmp_path / "photo.png").write_bytes(encode(draw_image("circle", 1)))
    printed, told, status = predict(tmp_path, "photo.png")
    assert (printed, status) == ("", 1)
    assert told.startswith("error: there is no model at data/model/model.tflite; run 'dvc repro")


def test_files_and_folders_are_listed(class_folders, tmp_path):
    one = class_folders / "circle" / "circle-00.png"
    assert list_files([one]) == [one]
    assert len(list_files([class_folders, one])) == 19
    with pytest.raises(InputError, match="nothing at"):
        list_files([Path("nowhere.png")])
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputError, match="there is no file in"):
        list_files([tmp_path / "bare"])


def test_a_number_of_classes_is_one_at_least():
    assert parse_count("3") == 3
    assert name_fields(2) == [
        "path", "class", "probability", "class_2", "probability_2", "unlike", "error",
    ]  # fmt: skip
    for text in ("0", "-1", "x", "1.5", ""):
        with pytest.raises(Exception, match="expected a number from 1 on"):
            parse_count(text)


def install(python: Path, wanted: Path, log: Path) -> None:
    """Installs what is wanted; skips the test where pip reaches no index, and only there."""
    pip = [python, "-m", "pip", "install", "--quiet", "--no-compile", "--retries", "2"]
    command = [*pip, "--log", log, "-r", wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and (unreached := UNREACHED.search(log.read_text())):
        pytest.skip(f"pip reaches no index of packages ({unreached[1]})")
    assert not done.returncode, done.stderr


@pytest.mark.slow
def test_a_device_without_tensorflow_says_the_same(home, tmp_path):
    """In an environment of its own, with what its requirements name and nothing else."""
    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    install(python, EXAMPLE.with_name("requirements.txt"), tmp_path / "pip.log")
    bare = [python, "-c", "import tensorflow"]
    assert subprocess.run(bare, capture_output=True, check=False).returncode

    photos = [home / name for name in NAMES]
    command = [python, EXAMPLE, home / TAKEN_HOME / LITERT, *photos]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    own, *_ = predict(home, *map(str, photos))
    lines = [[line.split("\t")[:3] for line in text.splitlines()] for text in (told, own)]
    assert [line[:2] for line in lines[0]] == [line[:2] for line in lines[1]]
    found, expected = (np.array([float(line[2]) for line in some]) for some in lines)
    assert found == pytest.approx(expected, abs=2e-4)
    # Each one's words are those of the classes' names, and they are not all the same answer.
    assert len({line[2] for line in lines[0]}) > 1


def test_the_example_asks_for_the_versions_that_the_project_has():
    locked = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = EXAMPLE.with_name("requirements.txt").read_text().splitlines()
    names = ("ai-edge-litert==", "numpy==", "pillow==")
    assert wanted == [line.removesuffix(" \\") for line in locked if line.startswith(names)]


def test_the_example_is_as_short_as_it_says():
    assert len(EXAMPLE.read_text().splitlines()) == 40
    assert "tensorflow" not in EXAMPLE.read_text().lower().replace("no tensorflow", "")


def test_what_was_measured_on_val_is_not_said_to_be_expected_of_new_images():
    about = describe("fine_tuning", Unlike(distance=3.0, wanted=0.05, false_alarms={}))
    assert introduce(about, True).endswith("expect 75.0 % to be right (60.0 to 85.0)")
    expected = about.expected.model_copy(update={"split": "val"})
    told = introduce(about.model_copy(update={"expected": expected}), True)
    assert told.endswith(", or fewer, for it was measured on validation images")
