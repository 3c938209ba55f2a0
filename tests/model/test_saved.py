"""A trained model is loaded from its folder alone, and one that is not whole is refused."""

from pathlib import Path

import numpy as np
import pytest

from stages.backbone import draw_random
from threeway.artefacts import BACKBONE
from threeway.errors import InputError
from threeway.model.card import CARD, WEIGHTS, Card, read_card, write_card
from threeway.model.saved import Loader, load_each, load_network, save_trained
from threeway.networks.builder import build_trained, complete
from threeway.networks.inference import compile_network
from threeway.networks.weights import load_weights, save_weights
from threeway.records import read_json, write_json
from threeway.run import Run
from threeway.runtime import keras, seed_everything
from threeway.scenarios import SCENARIOS
from threeway.settings import Settings, load_settings

pytestmark = pytest.mark.usefixtures("deterministic")

PARAMS = Path(__file__).parents[2] / "params.yaml"
CLASSES = ["circle", "cross"]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings("image", *SCENARIOS, path=PARAMS)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project") / BACKBONE
    save_weights(path, draw_random())
    return path


@pytest.fixture(autouse=True)
def project(backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout that has a backbone and nothing else: no params.yaml, no dvc.lock."""
    monkeypatch.chdir(backbone.parents[len(BACKBONE.parents) - 1])


def save(
    folder: Path, scenario: str, settings: Settings, fold: int = 2, share: float = 1.0
) -> keras.Model:
    """Saves an untrained model of a scenario: the part of its network that training changes."""
    seed_everything(3)
    trained = build_trained(scenario, settings, len(CLASSES), load_weights(BACKBONE))
    # The softmax's bias: no two folds answer alike, whatever the layers before it make of an image.
    trained.weights[-1].assign([0.0, 0.1 * fold])
    save_trained(
        folder,
        trained,
        scenario=scenario,
        fold=fold,
        seed=3,
        share=share,
        classes=CLASSES,
        settings={name: section.model_dump() for name, section in settings},
        best_epoch=4,
        num_train=10,
        num_val=5,
        images_sha256="ab" * 32,
    )
    return trained


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_loaded_answers_as_what_was_saved(tmp_path, settings, scenario):
    trained = save(tmp_path / "model", scenario, settings)
    whole = complete(scenario, settings, trained, load_weights(BACKBONE))
    size = settings.image.resolution
    images = np.random.default_rng(0).integers(0, 256, (3, size, size, 3)).astype(np.float32)
    expected = whole.predict_on_batch(images)
    found, card = load_network(tmp_path / "model")
    assert np.array_equal(found.predict_on_batch(images), expected)
    assert expected.shape == (3, len(card.classes))
    assert card.run == Run(scenario, fold=2, seed=3, share=1.0)
    assert card.restore_settings() == settings
    assert {path.name for path in (tmp_path / "model").iterdir()} == {CARD, WEIGHTS}


def assert_answers(found: np.ndarray, whole: np.ndarray, scenario: str) -> None:
    """Compares with the whole network in TensorFlow: a head's features are LiteRT's."""
    if scenario == "feature_extraction":
        np.testing.assert_allclose(found, whole, atol=1e-4)
    else:
        assert np.array_equal(found, whole)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_models_loaded_one_after_another_answer_as_each_alone(tmp_path, settings, scenario):
    size = settings.image.resolution
    images = np.random.default_rng(0).integers(0, 256, (3, size, size, 3)).astype(np.float32)
    loader, answers = Loader(), []
    for fold in (1, 2):
        save(tmp_path / str(fold), scenario, settings, fold)
        apply, card = loader.load(tmp_path / str(fold))
        alone, expected = Loader().load(tmp_path / str(fold))
        assert card == expected
        answers.append(apply(images))
        assert np.array_equal(answers[-1], alone(images))
        whole = compile_network(load_network(tmp_path / str(fold))[0])
        assert_answers(answers[-1], whole(images), scenario)
    assert not np.array_equal(*answers)


def test_a_loader_builds_anew_only_what_is_another_network(tmp_path):
    settings = load_settings("image", "training", *SCENARIOS, path=PARAMS)
    for number, (seed, units) in enumerate([(1, 8), (2, 8), (2, 3)]):
        changes = {"training.seeds": [seed], "baseline_cnn.dense_units": units}
        save(tmp_path / str(number), "baseline_cnn", settings.replace(changes))
    loader = Loader()
    first, second, third = (loader.load(tmp_path / str(number))[0] for number in range(3))
    assert first is second
    assert second is not third


def test_a_loader_takes_models_of_other_settings_and_scenarios(tmp_path, settings):
    save(tmp_path / "small", "baseline_cnn", settings)
    fewer = settings.baseline_cnn.model_copy(update={"filters": [4]})
    save(tmp_path / "tiny", "baseline_cnn", settings.model_copy(update={"baseline_cnn": fewer}))
    save(tmp_path / "head", "feature_extraction", settings)
    loader, size = Loader(), settings.image.resolution
    images = np.random.default_rng(0).integers(0, 256, (2, size, size, 3)).astype(np.float32)
    for name in ("small", "tiny", "head", "small"):
        expected = compile_network(load_network(tmp_path / name)[0])(images)
        apply, card = loader.load(tmp_path / name)
        assert_answers(apply(images), expected, card.scenario)


def test_each_of_several_models_is_loaded_with_its_size_and_equal_ones_once(tmp_path, settings):
    fewer = settings.baseline_cnn.model_copy(update={"dense_units": 3})
    small = settings.model_copy(update={"baseline_cnn": fewer})
    folders = [tmp_path / str(number) for number in range(4)]
    for number, (folder, known) in enumerate(zip(folders, [settings, small] * 2, strict=True)):
        save(folder, "baseline_cnn", known, fold=number)
    # Another seed is no other network.
    card = read_card(folders[2])
    training = load_settings("training", path=PARAMS).training.model_dump() | {"seeds": [7]}
    changed = {"settings": card.settings | {"training": training}}
    write_card(folders[2], Card(**card.model_dump() | changed))
    found = list(load_each(folders))
    assert [weights for _, weights in found] == [folder / WEIGHTS for folder in folders]
    networks = [network for network, _ in found]
    assert networks[0] is networks[2]
    assert networks[1] is networks[3]
    for network, folder in zip(networks, folders, strict=True):
        assert network.count_params() == load_network(folder)[0].count_params()
    assert networks[0].count_params() > networks[1].count_params()


def test_a_model_on_a_share_of_the_images_says_so(tmp_path, settings):
    save(tmp_path, "feature_extraction", settings, share=0.25)
    assert read_card(tmp_path).run == Run("feature_extraction", fold=2, seed=3, share=0.25)


def test_only_a_head_needs_the_backbone_and_it_must_be_its_own(tmp_path, settings):
    for scenario in SCENARIOS:
        save(tmp_path / scenario, scenario, settings)
    other, nowhere = tmp_path / "other.npz", tmp_path / "nowhere.npz"
    other.write_bytes(BACKBONE.read_bytes()[:-1])
    for path in (other, nowhere):
        for scenario in ("baseline_cnn", "fine_tuning"):
            load_network(tmp_path / scenario, path)
        with pytest.raises(InputError, match="was trained on another backbone than"):
            load_network(tmp_path / "feature_extraction", path)


def test_weights_that_were_damaged_or_changed_are_refused(tmp_path, settings):
    save(tmp_path, "feature_extraction", settings)
    weights = tmp_path / WEIGHTS
    content = weights.read_bytes()
    for damaged in (content[:1000], bytes([content[0] ^ 1]) + content[1:]):
        weights.write_bytes(damaged)
        with pytest.raises(InputError, match="is not the file that its card describes"):
            load_network(tmp_path)
    weights.unlink()
    with pytest.raises(InputError, match="is not the file that its card describes"):
        read_card(tmp_path)


def test_weights_of_other_settings_than_the_cards_are_refused(tmp_path, settings):
    save(tmp_path, "feature_extraction", settings)
    card = read_card(tmp_path)
    write_card(tmp_path, Card(**card.model_dump() | {"classes": [*CLASSES, "stripe"]}))
    with pytest.raises(InputError, match="holds weights that are not its card's"):
        load_network(tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"classes": None}, "classes"),
        ({"settings": {"image": {"size": 3}}}, "size"),
        ({"settings": {"imagination": {}}}, "imagination"),
        ({"new": 1}, "new"),
    ],
)
def test_a_card_that_is_not_as_expected_is_refused_with_the_reason(
    tmp_path, settings, change, told
):
    save(tmp_path, "feature_extraction", settings)
    write_json(tmp_path / CARD, read_json(tmp_path / CARD) | change)
    with pytest.raises(InputError, match=rf"card\.json is damaged, .*{told}.*; remove"):
        read_card(tmp_path)


def test_a_card_that_is_no_json_and_one_that_is_missing_are_told(tmp_path):
    with pytest.raises(InputError, match="there is no trained model in"):
        read_card(tmp_path)
    (tmp_path / CARD).write_text("{")
    with pytest.raises(InputError, match=r"card\.json is damaged"):
        read_card(tmp_path)
