"""What the user can mend is told in one line; everything else keeps its traceback."""

import sys
from collections.abc import Callable


class InputError(ValueError):
    """A setting or a file is not as expected; the message says which, and the way out."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage's main function; an InputError becomes its message and exit status 1."""
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
