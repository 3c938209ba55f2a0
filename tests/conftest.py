"""Small real images for the tests: drawn, not photographed, and no two alike."""

import io
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from ruamel.yaml import YAML

from threeway.settings import Data

# No time limit on an example, which a busy machine would break; the same examples at every run.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")

CLASSES = ("circle", "cross", "stripe")
# Of two processes one makes the finished project, for the first of these files, while the other
# does those that need none.
FIRST = ("test_changes", "test_cluster", "test_faults", "test_predict")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files of slow tests first, so that of two processes none waits long for the other."""

    def rank(item: pytest.Item) -> tuple[bool, int]:
        name = item.path.stem
        return item.get_closest_marker("slow") is None, (*FIRST, name).index(name)

    items.sort(key=rank)


def draw_image(kind: str, seed: int, size: int = 40) -> Image.Image:
    """Draws a circle, cross or stripe of random place and colours on a random ground."""
    rng = np.random.default_rng([CLASSES.index(kind), seed])
    ground, colour = rng.integers(0, 256, (2, 3))
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    centre_x, centre_y, width = *rng.integers(12, size - 12, 2), rng.integers(4, 9)
    dx, dy = abs(x - centre_x), abs(y - centre_y)
    shape = {
        "circle": dx**2 + dy**2 < (width + 3) ** 2,
        "cross": (np.minimum(dx, dy) < width // 2) & (np.maximum(dx, dy) < 12),
        "stripe": dy < width,
    }[kind]
    pixels = np.where(shape[..., None], colour, ground) + rng.normal(0, 12, (size, size, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def encode(image: Image.Image, format_name: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def read_data(**changes: object) -> Data:
    """Reads the project's own settings of data, some of them changed."""
    content = YAML(typ="safe").load(Path(__file__).parents[1] / "params.yaml")["data"]
    return Data.model_validate(content | changes)


def write_class_folders(root: Path, per_class: int) -> Path:
    """Writes per_class PNGs for each of three classes."""
    for kind in CLASSES:
        folder = root / kind
        folder.mkdir(parents=True)
        for number in range(per_class):
            draw_image(kind, number).save(folder / f"{kind}-{number:02d}.png")
    return root


@pytest.fixture
def class_folders(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "shapes", per_class=6)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project that was run once: by whichever process asks first, and copied for each."""
    from tests.small_project import make_project

    place = tmp_path_factory.getbasetemp()
    place = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place
    made = place / "made"
    with FileLock(place / "made.lock"):
        if not made.is_dir():
            making = Path(tempfile.mkdtemp(dir=place))
            make_project(making)
            making.rename(made)
    project = tmp_path_factory.mktemp("own") / "project"
    shutil.copytree(made, project, symlinks=True)
    return project


@pytest.fixture
def clone(project: Path, tmp_path: Path) -> Path:
    """That project's copy, with what DVC keeps, for a test that changes it."""
    return Path(shutil.copytree(project, tmp_path / "clone", symlinks=True))


@pytest.fixture(scope="session")
def deterministic() -> None:
    """TensorFlow as the stages use it; for every test module that uses TensorFlow."""
    from threeway.runtime import pin_threads

    pin_threads(2)
