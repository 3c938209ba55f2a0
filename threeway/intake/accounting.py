"""What became of every file: used, or left out for a reason."""

import pandas as pd

from threeway.artefacts import GROUPS, INDEX, REJECTED, SPLIT
from threeway.intake.entries import NO_FILE, SYSTEM_FILE, name_kind
from threeway.records import read_names
from threeway.splits import NO_TEST, SPLITS


def read_accounts() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Reads what became of every file: (images that are used, their division, files left out).

    As summarise takes them, with the columns of their tables.
    """
    images = read_names(INDEX).join(read_names(GROUPS).drop(columns="path"))
    division = read_names(SPLIT)
    return images, division[division["fold"] != str(NO_TEST)], read_names(REJECTED)


def summarise(images: pd.DataFrame, division: pd.DataFrame, rejected: pd.DataFrame) -> dict:
    """Counts what metrics/data.json reports: files, images, copies, rejections, classes by split.

    Rejected are also systems' files and a table's rows without a file; lost are files alone. What
    a split holds is the mean over folds; of a class, what it holds in the first one. Tested is what
    is in test in any fold.

    Args:
        images: those that are used: path, class, sha256, copies, group, given_split.
        division: path, fold and split, of each image in each fold.
        rejected: all that is left out: class and reason.
    """
    sizes = division.groupby(["fold", "split"]).size().unstack(fill_value=0).mean().round()
    first = division[division["fold"] == division["fold"].iloc[0]].set_index("path")["split"]
    tested = images[images["path"].isin(division.loc[division["split"] == "test", "path"])]
    num_tested = tested["class"].value_counts().reindex(sorted(images["class"].unique()))
    kinds = rejected["reason"].map(name_kind)
    is_file = ~rejected["reason"].str.startswith((SYSTEM_FILE, NO_FILE))
    of_a_class = rejected.loc[is_file & (rejected["class"] != ""), "class"]
    files_by_class = pd.concat([images["class"], of_a_class])
    by_class = pd.crosstab(images["class"], images["path"].map(first)).reindex(columns=list(SPLITS))
    by_class = by_class.assign(tested=num_tested)
    return {
        "files": len(images) + int(is_file.sum()),
        "files_by_class": count_values(files_by_class),
        "images": len(images),
        "folds": int(division["fold"].nunique()),
        "comes_divided": bool((images["given_split"] != "").any()),
        **{split: int(sizes[split]) for split in SPLITS},
        "tested": len(tested),
        "tested_groups": int(tested["group"].nunique()),
        "exact_copies": len(images) - images["sha256"].nunique(),
        "near_copies": images["sha256"].nunique() - images["copies"].nunique(),
        "grouped": images["copies"].nunique() - images["group"].nunique(),
        "rejected": len(rejected),
        "rejected_by_reason": count_kinds(kinds),
        "lost": int(is_file.sum()),
        "lost_by_reason": count_kinds(kinds[is_file]),
        "rejected_by_class": count_values(of_a_class),
        "smallest_class_in_test": {
            "class": str(num_tested.idxmin()),
            "images": int(num_tested.min()),
        },
        "classes": {str(name): row.to_dict() for name, row in by_class.iterrows()},
    }


def describe_division(summary: dict) -> str:
    """Says how the images were divided, for a user to see at once.

    Args:
        summary: as summarise makes it.
    """
    folds, sizes = summary["folds"], ", ".join(f"{summary[split]:,} {split}" for split in SPLITS)
    told = f"{summary['images']:,} images in {len(summary['classes'])} classes: "
    told += sizes if folds == 1 else f"{folds} folds, in each {sizes}"
    told += (
        f"; {summary['lost']:,} files left out; {summary['exact_copies']:,} exact and "
        f"{summary['near_copies']:,} near copies, and {summary['grouped']:,} other images of a "
        "group, kept together"
    )
    if summary["comes_divided"]:
        told += (
            f"\nThe source comes divided, and stays so: {summary['tested']:,} images are tested in "
            f"place of {summary['images']:,}, so less can be told apart, and nothing of how much "
            "hangs on the division. data.division: dissolve divides it anew into folds"
        )
    return told


def count_kinds(kinds: pd.Series) -> dict[str, int]:
    return {kind: int(count) for kind, count in kinds.value_counts().items()}


def count_values(values: pd.Series) -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts().sort_index().items()}
