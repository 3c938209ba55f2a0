"""JSON and CSV as git tracks them: readable, UTF-8, and the same bytes on every system; digests."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, content: dict) -> None:
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def digest_file(path: Path) -> str:
    """Digests a file: sha256, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_csv(path: Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """Reads a table; a class called "NA" or "1" stays a name, a figure that is not there is NaN.

    Args:
        path: of the CSV.
        text: columns that hold names.
    """
    names = dict.fromkeys(text, str)
    table = pd.read_csv(path, dtype=names, keep_default_na=False, na_values=[""])
    return table.fillna(dict.fromkeys(text, ""))


def read_names(path: Path) -> pd.DataFrame:
    """Reads a table in which everything is a name: a class called "NA" or "1" stays one."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def write_csv(path: Path, table: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
