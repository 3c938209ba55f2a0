"""The model that one takes home works without threeway, and says what it is."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import CLASSES
from tests.home import SIZE, describe, make_model
from threeway.artefacts import IMAGES, TAKEN_HOME
from threeway.errors import InputError
from threeway.model.about import KERAS, LITERT, NOVELTY, Unlike, read_attached
from threeway.model.classifier import Classifier
from threeway.model.saved import load_network
from threeway.model.taken_home import attach, calibrate
from threeway.networks.cnn import build_baseline_cnn
from threeway.networks.inference import compile_network, predict
from threeway.records import digest_file
from threeway.run import MODEL, Run
from threeway.runtime import keras, seed_everything
from threeway.scenarios import SCENARIOS
from threeway.splits import NO_TEST

pytestmark = pytest.mark.usefixtures("deterministic")
UNLIKE = Unlike(distance=3.0, wanted=0.05, false_alarms=dict.fromkeys(CLASSES, 0.05))

# Nothing but Keras: threeway cannot be imported.
BARE = """
import json, os, sys
sys.modules["threeway"] = None
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
images = np.load(sys.argv[2])
found = [model.predict(images, verbose=0), model(images[:1]).numpy()]
found.append(model.predict(images.astype(np.float32), batch_size=7, verbose=0))
print(json.dumps([some.tolist() for some in found]))
"""


@pytest.fixture(params=SCENARIOS, scope="module")
def home(request, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A checkout with a model of a scenario, and nothing else."""
    root = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        make_model(root, request.param)
    return root, request.param


def test_plain_keras_loads_it_and_all_answer_alike(home, monkeypatch):
    root, scenario = home
    monkeypatch.chdir(root)
    images = np.load(IMAGES)
    # What the run kept, with its probabilities made less sure.
    kept, _ = load_network(Run(scenario, NO_TEST, 1).folder / MODEL)
    raw = predict(compile_network(kept), images)
    expected = np.sqrt(raw) / np.sqrt(raw).sum(axis=1, keepdims=True)
    assert raw.std() > 0.01

    command = [sys.executable, "-c", BARE, TAKEN_HOME / KERAS, IMAGES]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    whole, one, floats = (np.array(some) for some in json.loads(told.splitlines()[-1]))
    assert whole == pytest.approx(expected, abs=1e-5)
    assert one == pytest.approx(expected[:1], abs=1e-5)
    assert floats == pytest.approx(expected, abs=1e-5)

    classifier = Classifier(TAKEN_HOME / LITERT)
    answers = classifier.answer(images)
    assert answers.probabilities == pytest.approx(expected, abs=1e-4)
    distances = classifier.measure(images)[:, 0]
    assert answers.unlike.tolist() == [*(distances > classifier.about.unlike.distance)]
    assert answers.unlike.mean() < 0.5
    with zipfile.ZipFile(TAKEN_HOME / KERAS) as saved:
        assert {entry.date_time for entry in saved.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(saved.read("metadata.json"))["keras_version"] == keras.__version__


def test_a_temperature_goes_into_the_weights():
    seed_everything(1)
    network = build_baseline_cnn(SIZE, [-1, 1], 3, [4], 8, 0.5)
    images = np.random.default_rng(0).uniform(0, 255, (5, SIZE, SIZE, 3)).astype(np.float32)
    before = network.predict_on_batch(images)
    calibrate(network, 3.0)
    after = network.predict_on_batch(images)
    assert after == pytest.approx(before ** (1 / 3) / (before ** (1 / 3)).sum(1, keepdims=True))
    assert (after.argmax(axis=1) == before.argmax(axis=1)).all()


def test_labels_and_card_are_in_the_file_whatever_they_are_called(tmp_path):
    names = ['naïve, "quoted"', "犬", "a\\b"]
    about = describe("fine_tuning", UNLIKE, classes=names)
    path = tmp_path / "model.tflite"
    path.write_bytes(attach(b"\x1c\x00\x00\x00TFL3" + bytes(100), about))
    assert path.read_bytes() == attach(b"\x1c\x00\x00\x00TFL3" + bytes(100), about)
    assert read_attached(path) == about
    with zipfile.ZipFile(path) as attached:
        assert attached.testzip() is None
        assert attached.read("labels.txt").decode().splitlines() == names


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no model at .*; run 'dvc repro refit', with refit.scenario"),
        (b"TFL3", "has no card that can be read .*not a zip file"),
        (attach(b"", describe("fine_tuning", UNLIKE))[:-30], "has no card that can be read"),
    ],
)
def test_a_file_without_a_card_is_refused(tmp_path, content, told):
    path = tmp_path / "model.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_attached(path)


def test_a_card_of_another_version_is_refused(tmp_path):
    path = tmp_path / "model.tflite"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("card.json", '{"scenario": "fine_tuning"}')
    with pytest.raises(InputError, match="or not made by this version of threeway"):
        read_attached(path)


def test_what_is_unlike_is_of_the_same_model_or_not_told(tmp_path, monkeypatch):
    """And the same model comes out as the same bytes."""
    monkeypatch.chdir(tmp_path)
    about = make_model(tmp_path, "baseline_cnn")
    before = {path.name: digest_file(path) for path in TAKEN_HOME.iterdir()}
    shutil.rmtree(TAKEN_HOME)
    make_model(tmp_path, "baseline_cnn")
    assert {path.name: digest_file(path) for path in TAKEN_HOME.iterdir()} == before
    model, novelty = TAKEN_HOME / LITERT, TAKEN_HOME / NOVELTY
    there = novelty.read_bytes()
    novelty.unlink()
    classifier = Classifier(model)
    assert classifier.answer(np.load(IMAGES)[:2]).unlike is None
    other = about.model_copy(update={"best_epoch": 9})
    novelty.write_bytes(there[: there.index(b"PK\x03\x04")] + attach(b"", other))
    with pytest.raises(InputError, match=r"novelty\.tflite is not of the same model as"):
        Classifier(model)
