"""What git says of the repository that this folder is in."""

import subprocess


def run_git(*arguments: str) -> bytes | None:
    """Runs git in this folder: what it prints, or None where it fails or is not installed."""
    try:
        result = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return result.stdout if result.returncode == 0 else None


def ask_git(*arguments: str) -> str | None:
    """Asks git for text, stripped of white space; None where it has no answer."""
    printed = run_git(*arguments)
    return None if printed is None else printed.decode().strip()
