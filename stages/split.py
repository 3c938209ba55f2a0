"""Divides the images into train, val and test, with copies and bursts kept together.

Reads data/pipeline/index.csv and groups.csv and, for what it prints, rejected.csv. Writes
data/pipeline/split.csv: what each image is for. It looks at no image.
"""

import pandas as pd

from threeway.artefacts import GROUPS, INDEX, SPLIT
from threeway.errors import run_stage
from threeway.intake.accounting import read_accounts, summarise
from threeway.intake.splitting import assign_splits
from threeway.records import read_names, write_csv
from threeway.settings import load_settings


def main() -> None:
    data = load_settings("data.division", "data.fractions", "data.seed").data
    images = read_names(INDEX).merge(read_names(GROUPS), on="path")
    images = images.rename(columns={"given_split": "split"})
    fractions, complete = data.fractions.model_dump(), data.division == "complete"
    splits = assign_splits(images, fractions, data.seed, complete)
    write_csv(SPLIT, pd.DataFrame({"path": images["path"], "fold": 1, "split": splits}))

    summary = summarise(*read_accounts())
    print(
        f"{summary['images']} images in {len(summary['classes'])} classes: "
        f"{summary['train']} train, {summary['val']} val, {summary['test']} test; "
        f"{summary['lost']} files left out; "
        f"{summary['exact_copies']} exact and {summary['near_copies']} near copies, and "
        f"{summary['grouped']} other images of a group, kept together"
    )


if __name__ == "__main__":
    run_stage(main)
