"""What is known of one file of the user's before it is opened."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

SYSTEM_FILE = "system file"
# Beside all that is hidden.
SYSTEM_NAMES = {
    "__MACOSX", "Thumbs.db", "desktop.ini", "System Volume Information", "$RECYCLE.BIN",
    "lost+found", "@eaDir", "#recycle",
}  # fmt: skip
# Of a row that no file, or more than one, can be found for: such an entry is no file.
NO_FILE = "row of data.table"


@dataclass(frozen=True)
class Entry:
    """A file: where it is, what folders or a table say of it, or why it is left out.

    Attributes:
        path: below the source, with "/".
        class_name: None where it is not known.
        split: "train", "val" or "test" if the source is divided.
        rejection: why the file is not used.
        group: what it must stay together with, by name.
    """

    path: str
    class_name: str | None = None
    split: str | None = None
    rejection: str | None = None
    group: str | None = None


def is_system_file(path: str | PurePath) -> bool:
    """Tells what operating systems leave behind (and every hidden file) from a user's files.

    Args:
        path: below the source.
    """
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part in SYSTEM_NAMES for part in parts)


def fold_name(name: str) -> str:
    """Folds a class's name so that those are equal that differ only in case or accents' form."""
    return unicodedata.normalize("NFC", name).casefold()


def name_kind(reason: str) -> str:
    """Cuts a reason to what many files share: "damaged", "too large", "system file"."""
    return re.sub(r"[:(].*", "", reason, flags=re.DOTALL).strip()
