"""What became of every file: used, or left out for a reason."""

import pandas as pd

from threeway.artefacts import GROUPS, INDEX, REJECTED, SPLIT
from threeway.intake.entries import NO_FILE, SYSTEM_FILE, name_kind
from threeway.records import read_names
from threeway.splits import SPLITS


def read_accounts() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reads what became of every file: (images that are used, files that are left out).

    The first as summarise takes it, both with the columns of their tables.
    """
    tables = [read_names(path) for path in (INDEX, GROUPS, SPLIT)]
    images = tables[0].join([table.drop(columns="path") for table in tables[1:]])
    return images, read_names(REJECTED)


def summarise(images: pd.DataFrame, rejected: pd.DataFrame) -> dict:
    """Counts what metrics/data.json reports: files, images, copies, rejections, classes by split.

    Rejected are also systems' files and a table's rows without a file; lost are files alone.

    Args:
        images: those that are used: class, split, sha256, copies, group.
        rejected: all that is left out: class and reason.
    """
    kinds = rejected["reason"].map(name_kind)
    is_file = ~rejected["reason"].str.startswith((SYSTEM_FILE, NO_FILE))
    of_a_class = rejected.loc[is_file & (rejected["class"] != ""), "class"]
    files_by_class = pd.concat([images["class"], of_a_class])
    by_class = pd.crosstab(images["class"], images["split"]).reindex(columns=list(SPLITS))
    test_counts = by_class["test"]
    return {
        "files": len(images) + int(is_file.sum()),
        "files_by_class": count_values(files_by_class),
        "images": len(images),
        "train": int((images["split"] == "train").sum()),
        "val": int((images["split"] == "val").sum()),
        "test": int((images["split"] == "test").sum()),
        "exact_copies": len(images) - images["sha256"].nunique(),
        "near_copies": images["sha256"].nunique() - images["copies"].nunique(),
        "grouped": images["copies"].nunique() - images["group"].nunique(),
        "rejected": len(rejected),
        "rejected_by_reason": count_kinds(kinds),
        "lost": int(is_file.sum()),
        "lost_by_reason": count_kinds(kinds[is_file]),
        "rejected_by_class": count_values(of_a_class),
        "smallest_class_in_test": {
            "class": str(test_counts.idxmin()),
            "images": int(test_counts.min()),
        },
        "classes": {str(name): row.to_dict() for name, row in by_class.iterrows()},
    }


def count_kinds(kinds: pd.Series) -> dict[str, int]:
    return {kind: int(count) for kind, count in kinds.value_counts().items()}


def count_values(values: pd.Series) -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts().sort_index().items()}
