"""MODEL_CARD.md: what a model is, what to expect of it and what not, for people.

The fields are those of Hugging Face's model cards. Source: Mitchell et al., "Model cards for model
reporting", 2019.
"""

import json

import pandas as pd

from threeway.evidence.wording import points
from threeway.reading.markup import MARKDOWN, align_table, escape

TITLES = {
    "baseline_cnn": "a small CNN, trained from scratch",
    "feature_extraction": "a new head on the frozen features of MobileNetV2",
    "fine_tuning": "MobileNetV2 whose upper layers were trained together with a new head",
}
FITS = {
    "stretch": "stretched to a square",
    "crop": "cut to the square in its middle",
    "pad": "padded with white to a square",
}
# The same as code, of a side.
FITTINGS = {
    "stretch": "image.resize(({side}, {side}), Image.Resampling.BILINEAR)",
    "crop": "ImageOps.fit(image, ({side}, {side}), Image.Resampling.BILINEAR)",
    "pad": 'ImageOps.pad(image, ({side}, {side}), Image.Resampling.BILINEAR, color="white")',
}
# What the weights that training started from are, by what params.yaml says of them.
BACKBONES = {
    "imagenet": "MobileNetV2's ImageNet weights as Keras publishes them (Apache License 2.0). The "
    "images of ImageNet, from which they come, were collected for research.",
    "random": "random numbers: MobileNetV2 without what it knows of ImageNet.",
}


def format_model_card(about: dict) -> str:
    """Writes the card.

    Args:
        about: content of card.json.
    """
    name = about["data"]["name"]
    sections = [
        format_header(about),
        f"# {as_text(name)}: {TITLES[about['scenario']]}\n",
        f"{describe(about)}\n",
        "## What to expect\n",
        f"{describe_expected(about)}\n",
        tabulate_classes(about),
        "## Uses\n",
        f"{describe_uses()}\n",
        "## Limits\n",
        f"{describe_limits(about)}\n",
        "## How to use it\n",
        describe_how(about),
        "## How it was trained\n",
        f"{describe_training(about)}\n",
    ]
    return "\n".join(sections)


def format_header(about: dict) -> str:
    """Writes what Hugging Face reads: YAML, of which JSON is a part."""
    expected = about["expected"]
    result = {
        "task": {"type": "image-classification"},
        "dataset": {"name": about["data"]["name"], "type": about["data"]["name"]},
        "metrics": [{"type": "accuracy", "value": round(expected["accuracy"], 4)}],
    }
    fields = {
        "library_name": "keras",
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "litert", "threeway"],
        "metrics": ["accuracy"],
        "model-index": [{"name": about["scenario"], "results": [result]}],
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    return "\n".join(["---", *lines, "---"])


def as_text(name: str) -> str:
    """Writes a name so that it stays text."""
    return escape(name, MARKDOWN)


def describe(about: dict) -> str:
    """Says what the model tells apart, and whether the comparison chose it."""
    names = ", ".join(map(as_text, about["classes"]))
    chosen = (
        "The comparison that it comes from says to use it."
        if about["recommended"]
        else "The comparison that it comes from does not say to use it: its user chose it."
    )
    return f"It tells {len(about['classes'])} classes of images apart: {names}. {chosen}"


def describe_expected(about: dict) -> str:
    """Says how often it is right, and by what that is known."""
    expected = about["expected"]
    if expected["split"] != "test":
        seen = "it was measured on validation images, which had a say in what was kept: it flatters"
    else:
        by_folds = "in cross-validation" if expected["folds"] > 1 else "on images kept for testing"
        seen = (
            f"it was measured {by_folds}, by networks that were trained in the same way on a part "
            "of the images, each on images that it had not seen"
        )
    told = (
        f"**{points(expected['accuracy'])} % of images right** (95 % interval "
        f"{points(expected['accuracy_low'])} to {points(expected['accuracy_high'])}), of images "
        f"like those that it was trained on: {seen}, {expected['images']:,} in all. This model "
        "itself was trained on all images, so that none is left to test it."
    )
    if expected["calibration_error"] is not None:
        told += (
            f" Its probabilities are calibrated: of answers given with 80 %, about 80 % are right; "
            f"on average they were {points(expected['calibration_error'])} points off."
        )
    return told


def tabulate_classes(about: dict) -> str:
    """Tabulates what to expect of each class."""
    rows = []
    for row in about["expected"]["classes"]:
        low, high = row["recall_low"], row["recall_high"]
        rows.append(
            {
                "class": row["class"],
                "images": f"{row['support']:,}",
                "of these found, %": points(row["recall"]),
                "95 % interval": "-" if low is None else f"{points(low)} to {points(high)}",
                "right where it is named, %": points(row["precision"]),
            }
        )
    return align_table(pd.DataFrame(rows)) + "\n"


def describe_uses() -> str:
    """Says what it is for."""
    return (
        "For images of these classes, taken as those were that it was trained on. Whoever uses it "
        "for decisions about people, health or safety has to test it for that first."
    )


def describe_limits(about: dict) -> str:
    """Says what it does not know."""
    unlike = about["unlike"]
    worst, share = max(unlike["false_alarms"].items(), key=lambda item: item[1])
    return "\n".join(
        [
            "- It names one of its classes for any image, and may be sure of it. "
            "`python -m stages.predict` says which images are unlike all that it was trained on; "
            f"of images of its own kind it says so of {points(unlike['wanted'])} %, by mistake (at "
            f"most {points(share)} % of a class: {as_text(worst)}). What is only a little "
            "unlike, such as a new class of the same kind, it mostly does not notice.",
            "- Other cameras, light, backgrounds or places than those of its images may make it "
            "worse, and nothing here says by how much.",
            "- Wrong labels among its images are learnt as if they were right: see "
            "metrics/suspects.csv.",
        ]
    )


def describe_how(about: dict) -> str:
    """Shows how it is used, in code."""
    side, fit = about["image"]["resolution"], about["image"]["fit"]
    fitting = FITTINGS[fit].format(side=side)
    return f"""Images go in as RGB, {side} x {side} pixels, 0 to 255 as uint8 or float32,
{FITS[fit]}; the scaling is inside. Out come probabilities in the order of the classes above.

```python
import keras
import numpy as np
from PIL import Image, ImageOps

model = keras.models.load_model("model.keras")
# Upright, as a telephone held it, and what is transparent on white.
image = ImageOps.exif_transpose(Image.open("photo.jpg")).convert("RGBA")
image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
image = {fitting}
print(model.predict(np.asarray(image)[None]))
```

`model.tflite` is the same for LiteRT, for one image at a time, with `labels.txt` and `card.json`
inside (any program that opens zip files shows them).
"""


def describe_training(about: dict) -> str:
    """Says what it was trained on, and by what."""
    counts = ", ".join(
        f"{as_text(name)} {count:,}" for name, count in about["train_classes"].items()
    )
    versions = ", ".join(f"{name} {value}" for name, value in about["versions"].items())
    lines = [
        f"- Images: {as_text(about['data']['name'])} (digest of names and contents "
        f"`{about['data']['sha256']}`): {counts}. {about['num_train']:,} were learnt from, and "
        f"{about['num_val']:,} chose the epoch, {about['best_epoch']}.",
        f"- Its probabilities were calibrated with a temperature of {about['temperature']:.3f}, "
        "fitted to the validation images of the comparison's networks.",
        f"- Settings: `{json.dumps(about['settings'], ensure_ascii=False)}`",
        f"- Made by {about['made_by']}, with {versions}.",
    ]
    if about["backbone"]:
        started = BACKBONES.get(about["backbone"], f"`{about['backbone']}`.")
        lines.insert(1, f"- Training started from {started}")
    return "\n".join(lines)
