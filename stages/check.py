"""Looks at everything before anything else runs, at every run: settings, folders, images.

Reads params.yaml and the paper that it names, and looks at data.source, data.table, git, and the
folders that the pipeline writes to. Writes data/pipeline/source.json, which says what the images
are, and data/pipeline/checked.txt, which never changes: what waits for it is not run again by it.
"""

from pathlib import Path

from threeway.artefacts import PIPELINE, SECONDS, SOURCE
from threeway.errors import InputError, run_stage
from threeway.git import run_git
from threeway.intake.describing import describe_labels
from threeway.intake.digests import digest_files
from threeway.intake.entries import is_system_file
from threeway.intake.foreign import check_folders, check_source
from threeway.intake.labelling import label_source
from threeway.intake.sources import Folder, Source, open_source
from threeway.locating import locate
from threeway.papers.paper import read_active
from threeway.progress import format_seconds
from threeway.records import read_json, write_json, write_text
from threeway.scenarios import SCENARIOS
from threeway.settings import Data, Settings, load_settings


def check_commit() -> None:
    """Makes sure that there is a commit: else DVCLive records nothing. Git that is not installed,
    or will not open another user's folder, is in nobody's way.
    """
    found = run_git("rev-parse", "--quiet", "--verify", "HEAD")
    if Path(".git").exists() and found is None and run_git("rev-parse", "--git-dir"):
        raise InputError(
            "this git repository has no commit yet; run 'git add .' and 'git commit -m start', "
            "then 'dvc repro'"
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


def estimate_tuning(settings: Settings, comes_divided: bool) -> list[str]:
    """Estimates how long tuning takes, from what runs took when they were last trained."""
    trials, data = settings.tuning.trials, settings.data
    if not trials:
        return []
    folds = 1 if comes_divided else data.folds * data.repeats
    told = f"tuning: {trials} trials of each scenario"
    told += f" in each of {folds} folds" if folds > 1 else ""
    paths = {name: SECONDS / f"{name}.json" for name in SCENARIOS}
    if not all(path.is_file() for path in paths.values()):
        return [f"{told}; how long that takes is told as soon as the first runs have begun"]
    # joblib and psutil behind it are for those who tune to wait for.
    from threeway.execution.mapping import count_workers

    # As far as memory allows, which is known when they are trained.
    side_by_side = count_workers(settings.execution.workers, folds, settings.machine.threads, 1)
    times = []
    for name, path in paths.items():
        seconds = [*read_json(path)["seconds"].values()]
        longest = trials * folds / side_by_side * sum(seconds) / len(seconds)
        times.append(f"{name} {format_seconds(longest)}")
    return [f"{told}; at most, if a trial takes as long as the last runs: {', '.join(times)}"]


def main() -> None:
    settings = load_settings("paper", "data", "tuning", "machine", "execution")
    read_active(settings.paper)
    check_commit()
    check_source(locate(settings.data.source), settings.data.source)
    check_folders()
    # Opened once: of a compressed tar that takes as long as reading all of it.
    source = open_source(settings.data.source)
    entries = label_source(source, settings.data)
    print(describe_labels(entries))
    comes_divided = any(entry.split for entry in entries if not entry.rejection)
    for line in estimate_tuning(settings, comes_divided):
        print(line)

    files = list_files(settings.data, source)
    digest = digest_files(files, PIPELINE / "digests.json")
    about = {"name": locate(settings.data.source).resolve().name, "sha256": digest}
    write_json(SOURCE, about)
    write_text(PIPELINE / "checked.txt", "params.yaml is valid, and data.source can be read\n")


if __name__ == "__main__":
    run_stage(main)
