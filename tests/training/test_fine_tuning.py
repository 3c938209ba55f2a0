"""Fine-tuning sees views that are kept, or new ones in each epoch, and starts from the head."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.backbone import digest_images, draw_noise, draw_weights
from threeway.artefacts import BACKBONE, FROZEN, IMAGES, INDEX, SPLIT
from threeway.examples.augmentation import View, make_view
from threeway.examples.dataset import read_dataset
from threeway.execution.scratch import open_scratch
from threeway.model.saved import load_trained, save_trained
from threeway.networks.builder import build_trained
from threeway.networks.litert import compile_frozen
from threeway.networks.transfer import build_backbone, build_trunk, get_mobilenet
from threeway.networks.weights import load_weights, save_weights
from threeway.progress import Tally
from threeway.records import read_names, write_csv
from threeway.run import MODEL, PREDICTIONS, Run
from threeway.settings import Settings, load_settings
from threeway.splits import LEARNING_SPLITS
from threeway.training.fine_tuning import (
    WAY,
    begin,
    count_views,
    embed_images,
    find_head,
    list_embedded,
)
from threeway.training.runs import train_run

pytestmark = pytest.mark.usefixtures("deterministic")

PARAMS = Path(__file__).parents[2] / "params.yaml"
SECTIONS = ("image", "augmentation", "machine", "training", "feature_extraction", "fine_tuning")
SIZE, NUM_IMAGES, LAYER, EPOCHS = 32, 12, "block_16_project", 2
RUN = Run("fine_tuning", fold=1, seed=3)
# Not the zeros that a new head begins with.
HEAD_BIAS, HEAD_SECTIONS = [0.25, -0.25], ("image", "feature_extraction")


def read_settings(views: int) -> Settings:
    """Reads a small recipe with so many views."""
    return load_settings(*SECTIONS, path=PARAMS).replace(
        {
            "image.resolution": SIZE,
            "training.batch_size": 4,
            "training.augmented_share": 1,
            "fine_tuning.unfreeze_from": LAYER,
            "fine_tuning.epochs": EPOCHS,
            "fine_tuning.views": views,
        }
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of two classes in one fold, a backbone, and the head that a run starts from."""
    root = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        make_project()
    return root


@pytest.fixture
def project(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A checkout with all of it, and with nothing embedded."""
    monkeypatch.chdir(place)
    with open_scratch(FROZEN):
        yield


def make_project() -> None:
    pixels, classes = draw_noise(NUM_IMAGES, SIZE), [*"ab"] * (NUM_IMAGES // 2)
    paths = [f"{name}/{number:02d}.png" for number, name in enumerate(classes)]
    index = pd.DataFrame({"path": paths, "class": classes, "sha256": digest_images(pixels)})
    write_csv(INDEX, index)
    splits = np.repeat(["test", "val", "train"], NUM_IMAGES // 3)
    write_csv(SPLIT, pd.DataFrame({"path": paths, "fold": RUN.fold, "split": splits}))
    np.save(IMAGES, pixels)
    save_weights(BACKBONE, draw_weights())
    save_head()


def save_head() -> None:
    """Saves an untrained head, as a run of feature_extraction does."""
    settings, dataset = read_settings(0), read_dataset(RUN.fold)
    head = build_trained("feature_extraction", settings, len(dataset.classes))
    head.weights[-1].assign(HEAD_BIAS)
    save_trained(
        find_head(RUN),
        head,
        **asdict(RUN) | {"scenario": "feature_extraction"},
        classes=dataset.classes,
        settings={name: getattr(settings, name).model_dump() for name in HEAD_SECTIONS},
        best_epoch=1,
        num_train=4,
        num_val=4,
        images_sha256=dataset.digest(LEARNING_SPLITS),
    )


def show_each(numbers: Iterable[int]) -> list[np.ndarray]:
    """Shows the training images in views, through the frozen layers: each (images, ...) float32."""
    rows, pixels, settings = read_dataset(RUN.fold).find("train"), np.load(IMAGES), read_settings(0)
    digests = digest_images(pixels)[rows]
    backbone = build_backbone(SIZE, settings.image.pixel_range, load_weights(BACKBONE))
    trunk = compile_frozen(build_trunk(backbone, LAYER), settings.machine.threads)
    views = [View(RUN.seed, number) for number in numbers]
    return [trunk(make_view(settings.augmentation, pixels[rows], digests, view)) for view in views]


@pytest.mark.parametrize(("views", "kept"), [(0, 0), (1, 1), (EPOCHS, 0), (9, 0)])
def test_views_are_kept_where_an_epoch_shows_one_again(views, kept):
    settings = read_settings(views)
    assert count_views(settings) == kept
    assert list_embedded(RUN, settings) == [
        FROZEN / LAYER / "images.npy",
        *(FROZEN / LAYER / f"seed-3-view-{number}.npy" for number in range(kept)),
    ]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("views", [0, 1])
def test_a_run_begins_with_the_head_and_sees_new_views_or_the_one_that_is_kept(views):
    settings = read_settings(views)
    embed_images(settings, [LAYER], [RUN.seed], None)
    assert {*(FROZEN / LAYER).iterdir()} == {*list_embedded(RUN, settings)}
    start, rows = begin(RUN, settings), np.array([3, 0, 2])
    seen = [start.view(rows, epoch) for epoch in range(EPOCHS)]
    expected = show_each([0, 0] if views else [0, 1])
    assert np.array_equal(seen, [view[rows] for view in expected])
    assert np.array_equal(*seen) == bool(views)
    assert start.trained.get_layer("head").get_weights()[-1].tolist() == HEAD_BIAS


@pytest.mark.usefixtures("project")
def test_a_training_with_new_views_moves_what_is_named_and_the_head():
    settings = read_settings(views=0)
    embed_images(settings, [LAYER], [RUN.seed], None)
    task = WAY.make_task(RUN, settings)
    outcome = train_run(task, Tally())
    assert len(outcome.val_losses) == EPOCHS
    assert len(read_names(task.folder / PREDICTIONS)) == NUM_IMAGES // 3
    trained, card = load_trained(task.folder / MODEL)
    assert (card.run, card.settings["fine_tuning"]["views"]) == (RUN, 0)
    mobilenet, before = get_mobilenet(trained.get_layer("backbone")), load_weights(BACKBONE)
    moved = {
        name
        for name, arrays in before.items()
        if not all(map(np.array_equal, arrays, mobilenet.get_layer(name).get_weights()))
    }
    assert moved == {LAYER, "Conv_1"}
    assert trained.get_layer("head").get_weights()[-1].tolist() != HEAD_BIAS
