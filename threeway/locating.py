"""Where a path of params.yaml leads."""

from pathlib import Path

from threeway.errors import InputError


def locate(path: str) -> Path:
    """Finds what a path means: "~" is the user's home, and a relative path starts at the checkout.

    An experiment that DVC runs in a copy of the checkout, below its .dvc/tmp/exps, finds what is
    not in the copy, since git does not track it, in the checkout itself.
    """
    try:
        found = Path(path).expanduser()
    except RuntimeError:
        raise InputError(
            f"'{path}' begins with the name of a user whom this system does not know; your own "
            "home is '~/'"
        ) from None
    checkout = find_checkout(Path.cwd())
    if found.is_absolute() or found.exists() or checkout is None:
        return found
    return checkout / found


def find_checkout(folder: Path) -> Path | None:
    """Finds the checkout that a folder is DVC's temporary copy of, or None if it is none."""
    for parent in folder.parents:
        if parent.parts[-3:] == (".dvc", "tmp", "exps"):
            return parent.parents[2]
    return None
