"""Nothing of the user's lies where the pipeline would delete it."""

from pathlib import Path

import pytest

from threeway.errors import InputError
from threeway.intake.foreign import MADE, check_folders, check_source, find_foreign

OURS = [
    "data/pipeline/images.npy",
    "data/pipeline/runs/fine_tuning/fold-1-seed-12/model/model.weights.h5",
    "data/pipeline/runs/baseline_cnn/fold-1-seed-1/record/plots/metrics/eval/loss.tsv",
    "data/pipeline/logs/baseline_cnn/fold-1-seed-1.log",
    "data/pipeline/unfinished/fine_tuning/fold-2-seed-1/record/metrics.json",
    f"data/pipeline/kept/{'0a' * 32}/manifest.json",
    f"data/pipeline/kept/{'0a' * 32}/model/card.json",
    "data/pipeline/digests.json",
    "data/device/int8.tflite",
    "metrics/comparison.json",
    "metrics/feature_extraction/fold-1-seed-3/metrics.json",
    "metrics/fine_tuning/.gitignore",
]
FOREIGN = [
    "data/pipeline/images/cat-01.jpg",
    "data/pipeline/kept/cat/1.jpg",
    "data/pipeline/photos/cat/1.jpg",
    "data/pipeline/runs/fine_tuning/fold-1-seed-1/model/model.weights.h5.backup",
    "data/device/float32_before.tflite",
    "metrics/fine_tuning/notes.txt",
]


def put(root: Path, paths: list[str]) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def test_what_the_pipeline_makes_is_not_foreign(tmp_path):
    put(tmp_path, OURS)
    check_folders(tmp_path)


def test_what_it_does_not_make_stops_with_the_way_out(tmp_path):
    put(tmp_path, OURS + FOREIGN)
    found = [path for folder in MADE for path in find_foreign(tmp_path, folder)]
    assert found == FOREIGN
    with pytest.raises(InputError) as error:
        check_folders(tmp_path)
    assert str(error.value).startswith("'data/pipeline/images/cat-01.jpg' (and 5 more) is not the")
    assert "such as data/photos" in str(error.value)
    assert "where an earlier version of threeway made it" in str(error.value)


def test_one_foreign_file_is_not_counted(tmp_path):
    put(tmp_path, FOREIGN[-1:])
    with pytest.raises(InputError, match=r"^'metrics/fine_tuning/notes.txt' is not"):
        check_folders(tmp_path)


@pytest.mark.parametrize("source", [".", "data", "data/pipeline/images", "metrics"])
def test_images_are_not_looked_for_among_what_the_pipeline_makes(source, tmp_path):
    with pytest.raises(InputError, match=f"data.source '{source}' holds, or lies in, "):
        check_source(tmp_path / source, source, tmp_path)
    check_source(tmp_path / "data/photos", "data/photos", tmp_path)
    check_source(tmp_path.parent / "photos", "../photos", tmp_path)


def test_a_project_that_has_not_run_has_no_such_folders(tmp_path):
    check_folders(tmp_path)
