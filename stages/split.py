"""Divides the images into folds, and for each says which are for training, validation and test.

Reads data/pipeline/index.csv and groups.csv and, for what it prints, rejected.csv. Writes
data/pipeline/split.csv: what each image is for, fold by fold, and in which order training images
join a share of them; at its end, as fold 0, what each is for where all of them train a model. It
looks at no image.
"""

import pandas as pd

from threeway.artefacts import GROUPS, INDEX, SPLIT
from threeway.errors import run_stage
from threeway.intake.accounting import describe_division, read_accounts, summarise
from threeway.intake.splitting import assign_folds, describe_val, hold_out_val, rank_groups
from threeway.records import read_names, write_csv
from threeway.settings import load_settings
from threeway.splits import NO_TEST


def main() -> None:
    data = load_settings(
        "data.division", "data.folds", "data.repeats", "data.fractions", "data.seed"
    ).data
    images = read_names(INDEX).merge(read_names(GROUPS), on="path")
    images = images.rename(columns={"given_split": "split"})
    fractions, complete = data.fractions.model_dump(), data.division == "complete"
    folds = assign_folds(images, fractions, data.folds, data.repeats, data.seed, complete)
    whole = hold_out_val(images, fractions, data.seed)
    tables = [
        pd.DataFrame(
            {
                "path": images["path"],
                "fold": number,
                "split": splits,
                "rank": rank_groups(images, splits, data.seed).round(6),
            }
        )
        for number, splits in [*enumerate(folds, start=1), (NO_TEST, whole)]
    ]
    write_csv(SPLIT, pd.concat(tables))
    print(describe_division(summarise(*read_accounts())))
    if len(folds) > 1 and (told := describe_val(fractions, data.folds)):
        print(told)


if __name__ == "__main__":
    run_stage(main)
