"""A model to take home, made as the pipeline makes it, of an untrained network."""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from stages.backbone import draw_random
from tests.conftest import CLASSES, draw_image
from threeway.artefacts import BACKBONE, IMAGES, TAKEN_HOME
from threeway.examples.dataset import Dataset
from threeway.intake.decoding import resize_image
from threeway.model.about import About, Expected, Unlike
from threeway.model.novelty import find_threshold
from threeway.model.saved import save_trained
from threeway.model.taken_home import write_model
from threeway.networks.builder import build_trained
from threeway.networks.inference import predict
from threeway.networks.litert import compile_frozen
from threeway.networks.transfer import build_backbone, build_trunk
from threeway.networks.weights import load_weights, save_weights
from threeway.run import MODEL, Run
from threeway.runtime import seed_everything
from threeway.scenarios import SCENARIOS
from threeway.settings import Image, load_settings
from threeway.splits import NO_TEST

SIZE, PER_CLASS = 32, 12
PARAMS = Path(__file__).parents[1] / "params.yaml"


def write_images(root: Path) -> Dataset:
    """Writes the pixels of drawn images, as stages.preprocess does: which they are."""
    pixels = np.stack(
        [
            resize_image(draw_image(kind, number), SIZE, "pad")
            for kind in CLASSES
            for number in range(PER_CLASS)
        ]
    )
    (root / IMAGES).parent.mkdir(parents=True, exist_ok=True)
    np.save(root / IMAGES, pixels)
    numbers = np.arange(len(pixels))
    names = np.array([f"{number:04d}" for number in numbers])
    splits = np.where(numbers % 4 == 0, "val", "train")
    return Dataset([*CLASSES], np.repeat([0, 1, 2], PER_CLASS), names, names, splits)


def describe(scenario: str, unlike: Unlike, **changes: object) -> About:
    """Describes a model of these images."""
    rows = [
        {
            "class": name, "precision": 0.8, "recall": 0.7, "recall_low": 0.6, "recall_high": 0.8,
            "support": 12,
        }
        for name in CLASSES
    ]  # fmt: skip
    expected = Expected(
        split="test",
        folds=5,
        images=36,
        accuracy=0.75,
        accuracy_low=0.6,
        accuracy_high=0.85,
        calibration_error=0.03,
        classes=rows,
    )
    about = {
        "made_by": "threeway",
        "data": {"name": "shapes", "sha256": "ab" * 32},
        "scenario": scenario,
        "recommended": True,
        "classes": [*CLASSES],
        "image": Image(resolution=SIZE, fit="pad", pixel_range=[-1, 1]),
        "settings": {"training": {"batch_size": 8}},
        "best_epoch": 3,
        "num_train": 27,
        "num_val": 9,
        "train_classes": dict.fromkeys(CLASSES, PER_CLASS),
        "expected": expected,
        "temperature": 2.0,
        "unlike": unlike,
        "backbone": None if scenario == "baseline_cnn" else "random",
        "versions": {"tensorflow": "2.21.0"},
    }
    return About(**about | changes)


def make_model(root: Path, scenario: str) -> About:
    """Makes data/model/ of a scenario in an empty checkout, in which this runs."""
    dataset = write_images(root)
    save_weights(root / BACKBONE, draw_random())
    settings = load_settings("image", *SCENARIOS, path=PARAMS)
    image = Image(resolution=SIZE, fit="pad", pixel_range=[-1, 1])
    settings = settings.model_copy(update={"image": image})
    seed_everything(4)
    weights = load_weights(BACKBONE)
    trained = build_trained(scenario, settings, len(CLASSES), weights)
    trunk = compile_frozen(build_trunk(build_backbone(SIZE, [-1, 1], weights)))
    features = predict(trunk, np.load(IMAGES))
    # Untrained a head says next to nothing, and a random backbone whispers.
    kernel = trained.weights[-2]
    kernel.assign(kernel * (4 if scenario == "baseline_cnn" else 3 / features.std(axis=0).mean()))
    run = Run(scenario, NO_TEST, 1)
    folder = root / run.folder / MODEL
    save_trained(
        folder,
        trained,
        **asdict(run),
        classes=[*CLASSES],
        settings={name: section.model_dump() for name, section in settings},
        best_epoch=3,
        num_train=27,
        num_val=9,
        images_sha256="ab" * 32,
    )
    halves = [
        Dataset(
            dataset.classes, dataset.labels, dataset.paths, dataset.digests,
            np.where(np.arange(len(features)) % 2 == half, "test", "train"),
        )
        for half in (0, 1)
    ]  # fmt: skip
    about = describe(scenario, find_threshold(features, halves, "test", 0.1))
    (root / TAKEN_HOME).mkdir(parents=True)
    write_model(root / TAKEN_HOME, folder, about, features, dataset)
    return about
