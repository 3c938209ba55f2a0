"""Finds out which of the source's files are images that can be used, and which belong together.

Reads data.source. Writes data/pipeline/index.csv (one row a usable image), groups.csv (what must
stay together, and the division that the source comes with) and rejected.csv (what was left out, and
why). How the images are divided here makes no difference to it.
"""

import pandas as pd

from threeway.artefacts import GROUPS, INDEX, REJECTED
from threeway.errors import InputError, run_stage
from threeway.execution.cluster import open_cluster
from threeway.intake.conflicts import REJECTED_COLUMNS, find_conflicts, list_conflicts
from threeway.intake.decoding import NotAnImage, decode_each
from threeway.intake.entries import Entry
from threeway.intake.labelling import label_source
from threeway.intake.sources import open_source, show
from threeway.intake.uniting import describe_image, group_images
from threeway.progress import follow
from threeway.records import write_csv
from threeway.settings import Data, load_settings

INDEX_COLUMNS = ["path", "class", "width", "height", "sha256"]
GROUPS_COLUMNS = ["path", "copies", "group", "given_split"]


def read_images(data: Data) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decodes every image once: one row each, and one for each file that is none, with reasons."""
    source = open_source(data.source)
    entries = {entry.path: entry for entry in label_source(source, data)}
    rejections = {path: entry.rejection for path, entry in entries.items() if entry.rejection}
    rows = {}
    usable = [path for path in entries if path not in rejections]
    with open_cluster() as cluster:
        decoded = decode_each(source.read(usable), describe_image, cluster)
        for path, found in follow(decoded, "looking at files", len(usable), "file"):
            if isinstance(found, NotAnImage):
                rejections[path] = str(found)
            else:
                rows[path] = found
    if not rows:
        reasons = ", ".join(sorted(set(rejections.values())))
        raise InputError(f"data.source '{data.source}' holds no usable image: {reasons}")
    blank = dict.fromkeys(REJECTED_COLUMNS, "")
    rejected = [blank | label(entries[path]) | {"reason": rejections[path]} for path in rejections]
    images = pd.DataFrame([label(entries[path]) | rows[path] for path in sorted(rows)])
    return images, pd.DataFrame(rejected, columns=REJECTED_COLUMNS)


def label(entry: Entry) -> dict[str, str]:
    return {
        "path": entry.path,
        "class": entry.class_name or "",
        "split": entry.split or "",
        "given": entry.group or "",
    }


def main() -> None:
    data = load_settings(
        "data.source",
        "data.layout",
        "data.table",
        "data.columns",
        "data.group",
        "data.division",
        "data.near_copy_distance",
        "data.burst_correlation",
    ).data
    images, rejected = read_images(data)
    images = group_images(images, data)
    conflicts = find_conflicts(images)
    rejected = pd.concat([rejected, list_conflicts(images, conflicts)]).sort_values("path")
    images = images.drop(index=conflicts.index)

    write_csv(INDEX, images[INDEX_COLUMNS])
    write_csv(GROUPS, images.rename(columns={"split": "given_split"})[GROUPS_COLUMNS])
    shown = rejected.assign(**{name: rejected[name].map(show) for name in REJECTED_COLUMNS})
    write_csv(REJECTED, shown)
    print(f"{len(images)} usable images of {len(images) + len(rejected)} files")


if __name__ == "__main__":
    run_stage(main)
