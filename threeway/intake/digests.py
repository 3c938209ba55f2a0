"""A digest of all that a source holds, by which DVC knows whether the images are still the same.

DVC could hash the source itself, but does not follow links to folders, does not expand "~", stops
at names that it cannot write down, and would take the same images in another folder for others.
"""

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from threeway.records import digest_file

# File by real path: its state, and the digest of its content in that state.
Memory = dict[str, tuple[list[int], str]]


def digest_files(files: dict[str, Path], memory_path: Path) -> str:
    """Digests the names and contents of files: sha256, as hex.

    A file whose state is that of the last call is not read again: size, inode, and the times at
    which content and inode changed, the last of which no program can set back.

    Args:
        files: by the name that counts.
        memory_path: JSON file that remembers what was read; it may be missing.
    """
    memory = read_memory(memory_path)

    def look(path: Path) -> tuple[list[int], str]:
        stat = path.stat()
        state = [stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns]
        known, digest = memory.get(str(path), (None, ""))
        if known != state:
            digest = digest_file(path)
        return state, digest

    names = sorted(files)
    paths = [files[name].resolve() for name in names]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(look, paths))
    memory_path.parent.mkdir(parents=True, exist_ok=True)
    memory_path.write_text(json.dumps(dict(zip(map(str, paths), found, strict=True))))
    return digest_names(zip(names, (digest for _, digest in found), strict=True))


def digest_names(digests: Iterable[tuple[str, str]]) -> str:
    """Digests (name, digest) pairs, in the order given: sha256, as hex."""
    whole = hashlib.sha256()
    for name, digest in digests:
        whole.update(f"{name}\0{digest}\n".encode())
    return whole.hexdigest()


def read_memory(path: Path) -> Memory:
    """Reads what was remembered: nothing, where a kill cut the file."""
    try:
        known = json.loads(path.read_text())
        return {name: (state, digest) for name, (state, digest) in known.items()}
    except (FileNotFoundError, ValueError):
        return {}
