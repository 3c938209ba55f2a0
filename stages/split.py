"""Divides the source's images into train, val and test, with copies and bursts kept together.

Reads data.source. Writes data/pipeline/split.csv (one row an image), data/pipeline/rejected.csv
(what was left out, and why) and data/pipeline/summary.json (counts).
"""

import numpy as np
import pandas as pd

from threeway.artefacts import PIPELINE
from threeway.errors import InputError, run_stage
from threeway.intake.accounting import REJECTED, list_conflicts, summarise
from threeway.intake.bursts import find_bursts, make_thumbnail
from threeway.intake.conflicts import find_conflicts
from threeway.intake.copies import digest_pixels, find_near_pairs, fingerprint, group_copies
from threeway.intake.decoding import NotAnImage, decode_each, decode_image
from threeway.intake.entries import Entry
from threeway.intake.groups import unite_groups
from threeway.intake.labelling import label_source
from threeway.intake.sources import open_source, show
from threeway.intake.splitting import assign_splits
from threeway.progress import follow
from threeway.records import read_json, write_csv, write_json
from threeway.settings import Data, load_settings

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


def read_images(data: Data) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decodes every image once: one row each, and one for each file that is none, with reasons."""
    source = open_source(data.source)
    entries = {entry.path: entry for entry in label_source(source, data)}
    rejections = {path: entry.rejection for path, entry in entries.items() if entry.rejection}
    rows = {}
    usable = [path for path in entries if path not in rejections]
    decoded = decode_each(source.read(usable), describe_image)
    for path, found in follow(decoded, "looking at files", len(usable), "file"):
        if isinstance(found, NotAnImage):
            rejections[path] = str(found)
        else:
            rows[path] = found
    if not rows:
        reasons = ", ".join(sorted(set(rejections.values())))
        raise InputError(f"data.source '{data.source}' holds no usable image: {reasons}")
    blank = dict.fromkeys(REJECTED, "")
    rejected = [blank | label(entries[path]) | {"reason": rejections[path]} for path in rejections]
    images = pd.DataFrame([label(entries[path]) | rows[path] for path in sorted(rows)])
    return images, pd.DataFrame(rejected, columns=REJECTED)


def label(entry: Entry) -> dict[str, str]:
    return {
        "path": entry.path,
        "class": entry.class_name or "",
        "split": entry.split or "",
        "given": entry.group or "",
    }


def group_images(images: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Adds the group of copies that each image is in, and the group that must stay together: of
    copies, of photographs of one scene, and of what is said to belong together.
    """
    prints, thumbnails = (np.stack(images[name]) for name in ("fingerprint", "thumbnail"))
    digests, classes = list(images["sha256"]), images["class"].to_numpy()
    copies = group_copies(digests, find_near_pairs(prints, data.near_copy_distance))
    bursts = find_bursts(prints, thumbnails, classes, data.burst_correlation)
    groups = unite_groups(digests, copies, group_copies(digests, bursts), images["given"])
    return images.assign(copies=copies, group=groups)


def main() -> None:
    settings = load_settings("data").data
    images, rejected = read_images(settings)
    images = group_images(images, settings)

    conflicts = find_conflicts(images)
    rejected = pd.concat([rejected, list_conflicts(images, conflicts)]).sort_values("path")
    images = images.drop(index=conflicts.index)
    complete = settings.division == "complete"
    images["split"] = assign_splits(
        images, settings.fractions.model_dump(), settings.seed, complete
    )

    source = read_json(PIPELINE / "source.json")
    summary = {"source": source["name"], "digest": source["sha256"]}
    summary |= summarise(images, rejected)
    shown = rejected.assign(**{name: rejected[name].map(show) for name in REJECTED})
    write_csv(PIPELINE / "split.csv", images[COLUMNS])
    write_csv(PIPELINE / "rejected.csv", shown)
    write_json(PIPELINE / "summary.json", summary)
    print(
        f"{summary['images']} images in {len(summary['classes'])} classes: "
        f"{summary['train']} train, {summary['val']} val, {summary['test']} test; "
        f"{summary['lost']} files left out; "
        f"{summary['exact_copies']} exact and {summary['near_copies']} near copies, and "
        f"{summary['grouped']} other images of a group, kept together"
    )


if __name__ == "__main__":
    run_stage(main)
