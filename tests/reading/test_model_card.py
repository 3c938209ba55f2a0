"""The card says what the model is, what to expect of it and what not, whatever names are in it."""

import re

import numpy as np
import pytest
from PIL import ExifTags, Image
from ruamel.yaml import YAML

from tests.conftest import draw_image
from tests.home import describe
from threeway.intake.decoding import prepare_image
from threeway.model.about import Unlike
from threeway.reading.model_card import format_model_card

UNLIKE = Unlike(distance=3.0, wanted=0.05, false_alarms={"circle": 0.02, "cr*ss": 0.11})


def read(scenario: str = "fine_tuning", **changes: object) -> tuple[dict, str]:
    """Reads a card: (what Hugging Face reads, the rest as one line)."""
    _, header, *text = format_model_card(describe(scenario, UNLIKE, **changes).model_dump()).split(
        "---\n"
    )
    return YAML(typ="safe").load(header), " ".join("---\n".join(text).split())


def test_its_header_is_what_hugging_face_reads():
    header, _ = read(data={"name": "a: b 犬", "sha256": "ab"})
    assert header["pipeline_tag"] == "image-classification"
    assert header["library_name"] == "keras"
    [model] = header["model-index"]
    [result] = model["results"]
    assert result["dataset"]["name"] == "a: b 犬"
    assert result["metrics"] == [{"type": "accuracy", "value": 0.75}]


def test_it_says_what_to_expect_and_by_what_that_is_known():
    _, text = read()
    assert "**75.0 % of images right** (95 % interval 60.0 to 85.0)" in text
    assert "each on images that it had not seen, 36 in all" in text
    assert "they were 3.0 points off" in text
    assert "| circle | 12 | 70.0 | 60.0 to 80.0 | 80.0 |" in text
    assert "(at most 11.0 % of a class: cr\\*ss)" in text
    assert "The comparison that it comes from says to use it." in text
    assert "27 were learnt from, and 9 chose the epoch, 3" in text
    assert "padded with white to a square" in text


def test_what_was_measured_on_val_is_said_to_flatter():
    about = describe("fine_tuning", UNLIKE)
    expected = about.expected.model_copy(update={"split": "val", "calibration_error": None})
    _, text = read(expected=expected, recommended=False)
    assert "had a say in what was kept: it flatters" in text
    assert "calibrated: of answers" not in text
    assert "does not say to use it: its user chose it" in text


def test_it_says_by_folds_or_by_images_kept_for_testing():
    _, text = read()
    assert "it was measured in cross-validation, by networks" in text
    expected = describe("fine_tuning", UNLIKE).expected.model_copy(update={"folds": 1})
    _, text = read(expected=expected)
    assert "it was measured on images kept for testing, by networks" in text
    assert "cross-validation" not in text


@pytest.mark.parametrize(
    ("scenario", "backbone", "told"),
    [
        ("baseline_cnn", None, "a small CNN, trained from scratch"),
        ("feature_extraction", "imagenet", "as Keras publishes them (Apache License 2.0)"),
        ("fine_tuning", "data/own.h5", "Training started from `data/own.h5`."),
    ],
)
def test_where_its_weights_come_from_is_said(scenario, backbone, told):
    _, text = read(scenario, backbone=backbone)
    assert told in text
    assert ("Training started from" in text) is (backbone is not None)


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_its_code_prepares_an_image_as_training_did(tmp_path, monkeypatch, fit):
    """All but what loads the model and asks it."""
    about = describe("fine_tuning", UNLIKE).model_dump()
    about["image"] |= {"fit": fit, "resolution": 20}
    card = format_model_card(about)
    [code] = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    lines = [line for line in code.splitlines() if "keras" not in line and "print" not in line]
    monkeypatch.chdir(tmp_path)
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    image = draw_image("cross", 1).resize((60, 30))
    image.save("photo.jpg", exif=turned)
    image.putalpha(100)
    image.save("clear.png")
    # A large JPEG is decoded at a half by the pipeline.
    for name, most in (("photo.jpg", 6), ("clear.png", 0.5)):
        found: dict = {}
        exec("\n".join(lines).replace("photo.jpg", name), found)
        expected = prepare_image((tmp_path / name).read_bytes(), 20, fit)
        assert np.abs(np.asarray(found["image"]).astype(int) - expected).mean() < most
