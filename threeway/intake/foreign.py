"""Files that are somebody's, in folders that the pipeline writes to: DVC would delete them, since
it empties an output's folder before the stage that makes it runs.
"""

import re
from pathlib import Path

from threeway.artefacts import DEVICE, METRICS, PIPELINE, PLOTS, TAKEN_HOME
from threeway.errors import InputError
from threeway.scenarios import SCENARIOS

_SCENARIO = f"(?:{'|'.join(SCENARIOS)})"
_RUN = rf"{_SCENARIO}/fold-\d+-seed-\d+"
_SHARE, _TRIAL = r"-share-[\de.-]+", r"-trial-\d+"
_RECORD = r"[\w./-]+\.(?:json|tsv)"
# What a run leaves, and what is known of it where it is kept.
_LEFT = rf"(?:predictions\.csv|record/{_RECORD}|model/(?:card\.json|model\.weights\.h5))"
# Every file below these folders, as a path below it.
MADE = {
    PIPELINE: rf"""
        checked\.txt | (?:source|digests|durations)\.json | (?:index|groups|split|rejected)\.csv
        | backbone/mobilenet_v2\.npz | (?:images|features)\.npy | frozen/\w+/[\w-]+\.npy
        | runs/{_RUN}/{_LEFT} | learning_curve/{_RUN}{_SHARE}/{_LEFT}
        | trials/{_SCENARIO}/(?:trials\.csv|as_written/fold-\d+-seed-\d+/{_LEFT})
        | logs/{_RUN}(?:{_SHARE}|{_TRIAL})?\.log
        | unfinished/{_RUN}(?:{_SHARE}|{_TRIAL})?/(?:{_LEFT}|manifest\.json)
        | kept/[\da-f]{{64}}/(?:{_LEFT}|manifest\.json) | seconds/\w+\.json
        | test/(?:(?:as_written|learning_curve)/)?{_SCENARIO}\.csv
        | refit/{_RUN}/{_LEFT} | formats/(?:formats\.csv|devices\.json)
        | unfinished/formats/{_SCENARIO}/\w+\.tflite | logs/formats/[\w-]+\.log
        | cost/(?:cost\.json|{_SCENARIO}\.csv)""",
    TAKEN_HOME: r"""model\.(?:keras|tflite) | novelty\.tflite | card\.json | MODEL_CARD\.md""",
    DEVICE: r"""(?:float32|float16|int8)\.tflite""",
    METRICS: rf"""
        \w+\.(?:json|csv|md|tex)
        | {_SCENARIO}/(?:predictions|as_written|layers)\.csv | {_RUN}/{_RECORD}""",
}


def check_folders(root: Path = Path()) -> None:
    """Makes sure that nothing but the pipeline's own files lies in the folders that it empties.

    Hidden files pass: they are DVC's and the system's.

    Raises:
        InputError: something else does; says where it is safe.
    """
    foreign = [path for folder in MADE for path in find_foreign(root, folder)]
    if foreign:
        more = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
        raise InputError(
            f"'{foreign[0]}'{more} is not the pipeline's, which empties the folders that it "
            "writes to; move it to a folder of your own, such as data/photos, and set data.source "
            "in params.yaml if these are your images (or remove it, where an earlier version of "
            "threeway made it)"
        )


def check_source(source: Path, named: str, root: Path = Path()) -> None:
    """Makes sure that the images are not looked for among what the pipeline makes.

    Args:
        source: where the images are.
        named: the same, as params.yaml has it.
        root: of the checkout.

    Raises:
        InputError: the source lies in a folder that the pipeline writes to, or holds one.
    """
    source = source.resolve()
    for made in ((root / folder).resolve() for folder in (*MADE, PLOTS)):
        if source == made or source in made.parents or made in source.parents:
            raise InputError(
                f"data.source '{named}' holds, or lies in, {made.relative_to(root.resolve())}/, "
                "which the pipeline writes; put your images into a folder of their own, such as "
                "data/photos, and set data.source to that"
            )


def find_foreign(root: Path, folder: Path) -> list[str]:
    """Lists the files below a folder that the pipeline does not make: paths from the root."""
    made = re.compile(MADE[folder], re.VERBOSE)
    files = (path for path in sorted((root / folder).rglob("*")) if not path.is_dir())
    below = (path.relative_to(root / folder) for path in files)
    return [
        (folder / path).as_posix()
        for path in below
        if not made.fullmatch(path.as_posix())
        and not any(part.startswith(".") for part in path.parts)
    ]
