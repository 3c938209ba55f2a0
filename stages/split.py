"""Divides the source's images into train, val and test, with copies and bursts kept together.

Reads data.source. Writes data/pipeline/split.csv (one row an image), data/pipeline/rejected.csv
(what was left out, and why) and data/pipeline/summary.json (counts).
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from threeway.bursts import find_bursts, make_thumbnail
from threeway.copies import digest_pixels, find_near_pairs, fingerprint, group_copies
from threeway.decoding import NotAnImage, decode_each, decode_image
from threeway.errors import InputError, run_stage
from threeway.labelling import label_source
from threeway.settings import Data, load_settings
from threeway.sources import open_source, show
from threeway.splitting import assign_splits, find_conflicts, summarise

COLUMNS = ["path", "class", "split", "group", "width", "height", "sha256"]


def describe_image(content: bytes) -> dict:
    image = decode_image(content)
    return {
        "width": image.width,
        "height": image.height,
        "sha256": digest_pixels(image),
        "fingerprint": fingerprint(image),
        "thumbnail": make_thumbnail(image),
    }


def read_images(source_path: str) -> tuple[pd.DataFrame, list[dict]]:
    """Decodes every image once: one row each, and the files that are none, with reasons."""
    source = open_source(source_path)
    entries = label_source(source)
    labelled = {entry.path: entry for entry in entries if entry.rejection is None}
    rejected = [{"path": e.path, "reason": e.rejection} for e in entries if e.rejection]
    rows = []
    for path, found in decode_each(source.read(labelled), describe_image):
        if isinstance(found, NotAnImage):
            rejected.append({"path": path, "reason": str(found)})
            continue
        entry = labelled[path]
        rows.append({"path": path, "class": entry.class_name, "split": entry.split or "", **found})
    if not rows:
        reasons = ", ".join(sorted({reject["reason"] for reject in rejected}))
        raise InputError(f"data.source '{source_path}' holds no usable image: {reasons}")
    return pd.DataFrame(rows).sort_values("path", ignore_index=True), rejected


def group_images(images: pd.DataFrame, settings: Data) -> list[str]:
    """Names the group of each image: what is a copy, or shows the same scene, shares one."""
    fingerprints, thumbnails = np.stack(images["fingerprint"]), np.stack(images["thumbnail"])
    copies = find_near_pairs(fingerprints, settings.near_copy_distance)
    classes = images["class"].to_numpy()
    bursts = find_bursts(fingerprints, thumbnails, classes, settings.burst_correlation)
    return group_copies(list(images["sha256"]), np.concatenate([copies, bursts]))


def main() -> None:
    settings = load_settings("data").data
    images, rejected = read_images(settings.source)
    images["group"] = group_images(images, settings)

    conflicts = find_conflicts(images)
    left_out = images.assign(reason=conflicts)[conflicts != ""]
    rejected = pd.DataFrame(
        [*rejected, *left_out[["path", "reason"]].to_dict("records")], columns=["path", "reason"]
    ).sort_values("path")
    images = images[conflicts == ""].copy()
    images["split"] = assign_splits(images, settings.fractions.model_dump(), settings.seed)

    summary = summarise(images, rejected)
    rejected["path"] = rejected["path"].map(show)
    images[COLUMNS].to_csv("data/pipeline/split.csv", index=False, lineterminator="\n")
    rejected.to_csv("data/pipeline/rejected.csv", index=False, lineterminator="\n")
    Path("data/pipeline/summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    )
    print(
        f"{summary['images']} images in {len(summary['classes'])} classes: "
        f"{summary['train']} train, {summary['val']} val, {summary['test']} test; "
        f"{summary['rejected']} files left out; "
        f"{summary['exact_copies']} exact and {summary['near_copies']} near copies kept together"
    )


if __name__ == "__main__":
    run_stage(main)
