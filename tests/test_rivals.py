"""The benchmark's rivals train the networks that threeway trains, and its arithmetic is right."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import generated, speed, speed_report
from benchmarks.rivals import keras_fit, notebook, precomputed, threeway_run
from stages.backbone import draw_random
from tests.conftest import CLASSES, draw_image
from threeway.networks.cnn import build_baseline_cnn
from threeway.networks.transfer import build_backbone, build_head, join, unfreeze
from threeway.networks.weights import load_weights, save_weights
from threeway.runtime import keras

pytestmark = [
    pytest.mark.usefixtures("deterministic"),
    # ImageDataGenerator, with SciPy 1.
    pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.shuffle=True:UserWarning"),
]

SIZE, UNFREEZE_FROM = 32, "block_15_project"


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> dict:
    """What the driver tells a rival, and six images to train on, three for the others."""
    folder = tmp_path_factory.mktemp("divided")
    for number, split in enumerate(("train", "train", "val", "test")):
        for kind in CLASSES:
            (folder / split / kind).mkdir(parents=True, exist_ok=True)
            draw_image(kind, number).save(folder / split / kind / f"{number}.png")
    weights = folder.parent / "weights.npz"
    save_weights(weights, draw_random())
    return {
        "folder": str(folder),
        "weights": str(weights),
        "seed": 1,
        "image": {"resolution": SIZE, "pixel_range": [-1, 1]},
        "augmentation": {
            "rotation": 10, "shift": 0.1, "shear": 5, "zoom": 0.1, "flip": "both", "fill": "nearest"
        },
        "training": {"batch_size": 4},
        "baseline_cnn": {
            "filters": [4, 8], "dense_units": 8, "dropout": 0.5, "epochs": 2, "learning_rate": 0.001
        },
        "feature_extraction": {
            "hidden_units": 8, "dropout": 0.2, "epochs": 2, "learning_rate": 0.001
        },
        "fine_tuning": {"unfreeze_from": UNFREEZE_FROM, "epochs": 1, "learning_rate": 0.0001},
    }  # fmt: skip


RIVALS = {"notebook": notebook.flow_images, "keras_fit": keras_fit.load_images}


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_sees_the_plain_pixels_that_threeway_sees(config, rival):
    data = RIVALS[rival](config)
    assert data.num_images == {"train": 6, "val": 3, "test": 3}
    assert data.num_classes == 3
    images, labels = next(iter(data.test))
    stored = np.stack([np.asarray(draw_image(kind, 3)) for kind in sorted(CLASSES)])
    # Both rivals resize, from 40 to 32 pixels, each in its own way: means hardly move.
    expected = stored.mean(axis=(1, 2)) / 127.5 - 1
    np.testing.assert_allclose(np.mean(images, axis=(1, 2)), expected, atol=0.03)
    np.testing.assert_array_equal(labels, np.eye(3))


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_augments_training_images_anew_in_each_epoch(config, rival):
    train = RIVALS[rival](config).train
    first, second = (
        np.concatenate([images for _, (images, _) in zip(range(2), train, strict=False)])
        for _ in range(2)
    )
    assert first.shape == second.shape == (6, SIZE, SIZE, 3)
    assert abs(first - second).max() > 0.1
    assert -1 <= first.min() < first.max() <= 1


def list_shapes(weights: list) -> list[tuple]:
    return [tuple(weight.shape) for weight in weights]


def test_the_rivals_networks_are_threeways(config):
    cnn, head = config["baseline_cnn"], config["feature_extraction"]
    theirs = notebook.build_cnn(config, 3)
    ours = build_baseline_cnn(
        SIZE, [-1, 1], 3, cnn["filters"], cnn["dense_units"], dropout=cnn["dropout"]
    )
    assert list_shapes(theirs.weights) == list_shapes(ours.weights)

    theirs, their_backbone = notebook.build_mobilenet(config, 3)
    our_backbone = build_backbone(SIZE, [-1, 1], load_weights(Path(config["weights"])))
    ours = join(our_backbone, build_head(3, head["hidden_units"], head["dropout"]))
    ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3)).astype(np.float32)
    expected = ours.predict_on_batch(images)
    np.testing.assert_allclose(theirs.predict_on_batch(images / 127.5 - 1), expected, atol=1e-5)
    assert list_shapes(theirs.trainable_weights) == list_shapes(ours.trainable_weights)

    notebook.unfreeze(their_backbone, UNFREEZE_FROM)
    unfreeze(our_backbone, UNFREEZE_FROM)
    assert list_shapes(theirs.trainable_weights) == list_shapes(ours.trainable_weights)


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_trains_and_tests(config, rival):
    keras.utils.set_random_seed(1)
    config = config | {"scenarios": ["baseline_cnn"]}
    found = notebook.train_scenarios(config, RIVALS[rival](config))["baseline_cnn"]
    assert len(found["epochs"]) == 2
    assert sum(found["epochs"]) < found["seconds"]
    assert found["correct"] in range(4)


def test_a_regression_on_features_answers_each_image_once(config, tmp_path, monkeypatch, capsys):
    path = tmp_path / "config.json"
    machine = {"machine": {"threads": 2}, "data": {"folds": 2}}
    path.write_text(json.dumps(config | machine))
    monkeypatch.setattr(sys, "argv", ["precomputed", str(path)])
    features, classes = precomputed.embed(config)
    assert features.shape == (12, 1280)
    np.testing.assert_array_equal(classes, [0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2])
    precomputed.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["images"] == 12
    assert found["correct"] in range(13)


def test_fine_tuning_goes_on_with_the_network_whose_head_was_trained(config, monkeypatch):
    fitted = []

    def fit(network: keras.Model, *arguments) -> dict:
        fitted.append((network, len(network.trainable_weights)))
        return {"seconds": 0.0}

    monkeypatch.setattr(notebook, "fit", fit)
    config = config | {"scenarios": ["feature_extraction", "fine_tuning"]}
    data = notebook.Data(train=None, val=None, test=None, num_images={}, num_classes=3)
    notebook.train_scenarios(config, data)
    (frozen, weights_of_head), (tuned, weights_in_all) = fitted
    assert tuned is frozen
    assert weights_in_all > weights_of_head == 4


def test_an_extrapolation_leaves_the_first_epoch_out():
    assert speed.extrapolate([9.0, 2.0, 1.0, 3.0], wanted=10) == 12


def test_contenders_take_turns_in_another_order_each_round():
    order = []
    contenders = {
        name: lambda number, name=name: order.append(f"{name}{number}") or {"value": 1}
        for name in "abc"
    }
    runs = speed.take_turns(contenders, rounds=2)
    assert order == ["a0", "b0", "c0", "b1", "c1", "a1"]
    assert {name: len(found) for name, found in runs.items()} == {"a": 2, "b": 2, "c": 2}


def test_a_child_is_measured_by_its_own_memory(tmp_path):
    held = np.ones(400_000_000, np.uint8)
    small = threeway_run.run([sys.executable, "-c", "print('{}')"], tmp_path)
    large = threeway_run.run([sys.executable, "-c", "b'1' * 200_000_000; print(1)"], tmp_path)
    assert small.read_json() == {}
    assert small.peak_megabytes < 100
    assert 200 < large.peak_megabytes < 300 < held.nbytes / 1e6
    with pytest.raises(RuntimeError, match="no such thing"):
        threeway_run.run([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path)


RESULT = {
    "about": "Everything.",
    "unit": "s",
    "runs": {
        "threeway": [
            {"value": 10.0, "peak_megabytes": 500.0, "answers": {"fine_tuning": [90, 100]}},
            {"value": 20.0, "peak_megabytes": 600.0, "answers": {"fine_tuning": [90, 100]}},
        ],
        "notebook": [
            {"value": 40.0, "extrapolated_from": [5], "of_folds": [1, 5]},
            {"value": 60.0},
        ],
    },
}


def test_a_task_is_summed_up_by_medians_and_ratios_of_the_same_round():
    threeway, rival = speed_report.summarise("all_30", RESULT)
    assert (threeway["median"], threeway["low"], threeway["high"]) == (15, 10, 20)
    assert (threeway["ratio"], rival["ratio"]) == (1, 3.5)
    assert (threeway["peak_megabytes"], rival["peak_megabytes"]) == (600, None)
    mean, low, high = threeway["accuracy"]["fine_tuning"]
    assert low < mean == 0.9 < high
    assert rival["accuracy"] == {}


def test_what_is_extrapolated_says_so_wherever_it_is_written(tmp_path):
    speed_report.write_report({"all_30": RESULT}, tmp_path / "speed")
    table = (tmp_path / "speed.md").read_text().splitlines()
    told = "1 of 5 folds, 1 measured, others extrapolated from 5 epochs"
    assert [told in line for line in table[2:4]] == [False, True]
    assert json.loads((tmp_path / "speed.json").read_text()) == {"all_30": RESULT}
    assert (
        speed_report.label_bar(speed_report.summarise("all_30", RESULT)[1])
        == "50 (3.5 times), extrapolated"
    )
    assert (tmp_path / "speed.png").is_file()


def test_rivals_get_the_images_of_threeways_splits(tmp_path, class_folders):
    project = tmp_path / "project"
    (project / "data/pipeline").mkdir(parents=True)
    (project / "params.yaml").write_text(f"data: {{source: '{class_folders}'}}\n")
    (project / "data/pipeline/index.csv").write_text(
        "path,class\ncircle/circle-00.png,circle\ncross/cross-01.png,cross\n"
    )
    (project / "data/pipeline/split.csv").write_text(
        "path,fold,split\ncircle/circle-00.png,1,train\ncross/cross-01.png,1,test\n"
        "circle/circle-00.png,2,test\ncross/cross-01.png,2,train\n"
    )
    layout = speed.lay_out(project)
    assert layout.num_images == {"train": 1, "val": 0, "test": 1}
    assert layout.num_folds == 2
    copied = layout.folder / "test/cross/cross__cross-01.png"
    assert copied.read_bytes() == (class_folders / "cross/cross-01.png").read_bytes()
    assert len(list(layout.folder.rglob("*.png"))) == 2


def test_generated_images_differ(tmp_path):
    for number in range(2):
        (tmp_path / generated.CLASSES[number]).mkdir()
        generated.write_image(tmp_path, (60, 50), number)
    first, second = sorted(tmp_path.rglob("*.jpg"))
    assert first.read_bytes() != second.read_bytes()
