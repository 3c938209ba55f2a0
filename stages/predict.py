"""Classifies image files with the model to take home. Not part of the pipeline: for its user.

    python -m stages.predict [--top N] [--format text|csv|json] [--model FILE] PATH...

Reads data/model/. A PATH is an image, or a folder of images. Prints what each image is called, with
what probability, and whether it is unlike all that the model was trained on.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from threeway.artefacts import TAKEN_HOME
from threeway.errors import InputError, run_stage
from threeway.evidence.wording import points
from threeway.intake.decoding import NotAnImage, decode_each, prepare_image
from threeway.intake.entries import is_system_file
from threeway.intake.sources import refuse_size, show
from threeway.model.about import LITERT, NOVELTY, About
from threeway.model.classifier import Classifier

FORMATS = ("text", "csv", "json")
# Images that are classified at once.
BATCH_SIZE = 64


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.predict", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument(
        "--top", type=parse_count, default=1, metavar="N", help="how many classes of each"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="of what is printed")
    model = "a LiteRT file of threeway; without it: data/model/model.tflite"
    parser.add_argument("--model", type=Path, default=TAKEN_HOME / LITERT, help=model)
    return parser.parse_args()


def parse_count(text: str) -> int:
    """Parses a number of classes."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number from 1 on")
    return int(text)


def list_files(paths: list[Path]) -> list[Path]:
    """Lists the files that are meant: each path, or what a folder holds, at any depth.

    Raises:
        InputError: there is nothing at a path, or in it.
    """
    files = []
    for path in paths:
        if not path.exists():
            raise InputError(f"there is nothing at '{path}'")
        inside = sorted(
            file
            for file in path.rglob("*")
            if file.is_file() and not is_system_file(file.relative_to(path))
        )
        if path.is_dir() and not inside:
            raise InputError(f"there is no file in '{path}'")
        files += inside if path.is_dir() else [path]
    return files


def introduce(about: About, tells_unlike: bool) -> str:
    """Says which model answers, and what to expect of it."""
    expected = about.expected
    told = (
        f"{about.scenario}, trained on {about.num_train + about.num_val:,} images of "
        f"{about.data['name']}: of images like those expect {points(expected.accuracy)} % to be "
        f"right ({points(expected.accuracy_low)} to {points(expected.accuracy_high)})"
    )
    if expected.split != "test":
        told += ", or fewer, for it was measured on validation images"
    return told if tells_unlike else f"{told}; without {NOVELTY} nothing tells what is unlike them"


def name_fields(top: int) -> list[str]:
    """Names what is told of each file."""
    places = ["", *(f"_{place}" for place in range(2, top + 1))]
    best = [f"{field}{place}" for place in places for field in ("class", "probability")]
    return ["path", *best, "unlike", "error"]


def classify(
    classifier: Classifier, files: Sequence[Path], top: int
) -> Iterator[dict[str, object]]:
    """Classifies files: the fields of each, as far as there are any, in the order of the files."""
    image = classifier.about.image
    prepare = partial(prepare_image, size=image.resolution, fit=image.fit)
    contents = ((show(str(file)), read(file)) for file in files)
    decoded = decode_each(contents, prepare)
    while some := [*islice(decoded, BATCH_SIZE)]:
        pixels = [found for _, found in some if isinstance(found, np.ndarray)]
        told = iter(tell(classifier, np.stack(pixels), top) if pixels else [])
        for path, found in some:
            fields = next(told) if isinstance(found, np.ndarray) else {"error": str(found)}
            yield {"path": path} | fields


def read(file: Path) -> bytes | NotAnImage:
    """Reads a file; one that cannot be read, or is too large, is told like one that is no image."""
    try:
        return refuse_size(file.stat().st_size) or file.read_bytes()
    except OSError as error:
        return NotAnImage(f"cannot be read: {error.strerror}")


def tell(classifier: Classifier, images: np.ndarray, top: int) -> Iterator[dict[str, object]]:
    """Tells the best classes of images, and whether they are unlike."""
    answers, names = classifier.answer(images), classifier.about.classes
    for row, probabilities in enumerate(answers.probabilities):
        best = np.argsort(-probabilities, kind="stable")[:top]
        values = [value for n in best for value in (names[n], round(float(probabilities[n]), 6))]
        unlike = None if answers.unlike is None else bool(answers.unlike[row])
        yield dict(zip(name_fields(top)[1:], values, strict=False)) | {"unlike": unlike}


def word(fields: dict[str, object], top: int) -> str:
    """Words what is told of an image as a line of text."""
    names = name_fields(top)[1:-2]
    values = [fields[name] for name in names if name in fields]
    cells = [f"{value:.4f}" if isinstance(value, float) else str(value) for value in values]
    unlike = ["unlike all that it was trained on"] if fields["unlike"] else []
    return "\t".join([str(fields["path"]), *cells, *unlike])


def write(rows: Iterable[dict[str, object]], form: str, top: int) -> Iterator[dict[str, object]]:
    """Writes rows to standard output as they come, and hands them on."""
    writer = csv.DictWriter(sys.stdout, name_fields(top), lineterminator="\n")
    if form == "csv":
        writer.writeheader()
    begin = "["
    for row in rows:
        if form == "csv":
            writer.writerow(row)
        elif form == "json":
            print(begin, json.dumps(row, ensure_ascii=False))
            begin = ","
        elif "error" not in row:
            print(word(row, top), flush=True)
        yield row
    if form == "json":
        print("]")


def main() -> None:
    arguments = parse_arguments()
    files = list_files(arguments.paths)
    classifier = Classifier(arguments.model)
    top = min(arguments.top, len(classifier.about.classes))
    print(introduce(classifier.about, classifier.measure is not None), file=sys.stderr)
    failed, unlike = 0, 0
    rows = write(classify(classifier, files, top), arguments.format, top)
    # On standard error: what is printed may go into a file.
    for row in tqdm(rows, total=len(files), unit="image", leave=False, disable=None):
        if "error" in row:
            tqdm.write(f"{row['path']}\t{row['error']}", file=sys.stderr)
            failed += 1
        unlike += bool(row.get("unlike"))
    if unlike and len(files) > 1:
        print(
            f"{unlike:,} of {len(files):,} are unlike all that it was trained on", file=sys.stderr
        )
    if failed:
        sys.exit(f"error: {failed:,} of {len(files):,} files are no images that can be read")


if __name__ == "__main__":
    run_stage(main)
