"""A digest of all that a source holds, by which DVC knows whether the images are still the same.

DVC could hash the source itself, but does not follow links to folders, does not expand "~", stops
at names that it cannot write down, and would take the same images in another folder for others.
"""

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# File by name: size in bytes, time of change in nanoseconds, digest.
Memory = dict[str, tuple[int, int, str]]


def digest_files(files: dict[str, Path], memory_path: Path) -> str:
    """Digests the names and contents of files: sha256, as hex.

    A file whose size and time of change are those of the last call is not read again.

    Args:
        files: by the name that counts.
        memory_path: JSON file that remembers what was read; it may be missing.
    """
    memory = read_memory(memory_path)

    def look(item: tuple[str, Path]) -> tuple[int, int, str]:
        name, path = item
        state = path.stat()
        size, changed, digest = memory.get(name, (-1, -1, ""))
        if (size, changed) != (state.st_size, state.st_mtime_ns):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        return state.st_size, state.st_mtime_ns, digest

    items = sorted(files.items())
    with ThreadPoolExecutor() as pool:
        found = dict(zip([name for name, _ in items], pool.map(look, items), strict=True))
    memory_path.parent.mkdir(parents=True, exist_ok=True)
    memory_path.write_text(json.dumps(found))
    return digest_names((name, digest) for name, (_, _, digest) in found.items())


def digest_names(digests: Iterable[tuple[str, str]]) -> str:
    """Digests (name, digest) pairs, in the order given: sha256, as hex."""
    whole = hashlib.sha256()
    for name, digest in digests:
        whole.update(f"{name}\0{digest}\n".encode())
    return whole.hexdigest()


def read_memory(path: Path) -> Memory:
    """Reads what was remembered: nothing, where a kill cut the file."""
    try:
        return {name: tuple(state) for name, state in json.loads(path.read_text()).items()}
    except (FileNotFoundError, ValueError):
        return {}
