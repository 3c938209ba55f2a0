"""Looks at everything before anything else runs, at every run: settings, folders, images.

Reads params.yaml and the paper that it names, and looks at data.source, data.table, git, and the
folders that the pipeline writes to. Writes data/pipeline/source.json, which says what the images
are, and data/pipeline/checked.txt, which never changes: what waits for it is not run again by it.
"""

import subprocess
from pathlib import Path

from threeway.artefacts import PIPELINE, SOURCE
from threeway.errors import InputError, run_stage
from threeway.intake.describing import describe_labels
from threeway.intake.digests import digest_files
from threeway.intake.entries import is_system_file
from threeway.intake.foreign import check_folders, check_source
from threeway.intake.labelling import label_source
from threeway.intake.sources import Folder, Source, open_source
from threeway.locating import locate
from threeway.papers.paper import read_active
from threeway.records import write_json
from threeway.settings import Data, load_settings


def check_commit() -> None:
    """Makes sure that git has a commit, without which DVCLive records nothing."""
    head = ["git", "rev-parse", "--quiet", "--verify", "HEAD"]
    found = subprocess.run(head, capture_output=True, check=False)
    if Path(".git").exists() and found.returncode:
        raise InputError(
            "this git repository has no commit yet; run 'git add . && git commit -m start', then "
            "'dvc repro'"
        )


def list_files(data: Data, source: Source) -> dict[str, Path]:
    """Lists the files that decide what the images are, by name: what a system leaves does not.

    Names that begin with "/" are no path in a source.
    """
    path = locate(data.source)
    table = {} if data.table == "none" else {"/table": locate(data.table)}
    if not isinstance(source, Folder):
        return table | {"/archive": path}
    names = [name for name in source.list_paths() if not is_system_file(name)]
    return table | {name: path / name for name in names if name not in source.refused}


def main() -> None:
    settings = load_settings("paper", "data")
    read_active(settings.paper)
    check_commit()
    check_source(locate(settings.data.source), settings.data.source)
    check_folders()
    # Opened once: of a compressed tar that takes as long as reading all of it.
    source = open_source(settings.data.source)
    print(describe_labels(label_source(source, settings.data)))

    files = list_files(settings.data, source)
    digest = digest_files(files, PIPELINE / "digests.json")
    about = {"name": locate(settings.data.source).resolve().name, "sha256": digest}
    write_json(SOURCE, about)
    (PIPELINE / "checked.txt").write_text("params.yaml is valid, and data.source can be read\n")


if __name__ == "__main__":
    run_stage(main)
