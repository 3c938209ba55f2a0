"""Classifies new images with a trained model. Not part of the pipeline: for its user.

    python -m stages.predict [--scenario NAME] [--run NAME] PATH...

Reads metrics/comparison.json, data/pipeline/runs/ and, for feature_extraction, the backbone. Prints
a line for each image: path, class, probability. A PATH is an image or a folder of images.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from threeway.artefacts import METRICS
from threeway.errors import InputError, run_stage
from threeway.intake.decoding import NotAnImage, prepare_image
from threeway.model.card import read_card
from threeway.model.saved import Loader, find_model
from threeway.records import read_json
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.predict", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--scenario", choices=SCENARIOS, help="without it: what the verdict chose")
    parser.add_argument("--run", help="such as fold-1-seed-1; without it: the first")
    return parser.parse_args()


def read_choice() -> str:
    """Reads which scenario the verdict says to use.

    Raises:
        InputError: there is no verdict yet, or it says to use none.
    """
    path = METRICS / "comparison.json"
    if not path.is_file():
        raise InputError("there is no verdict yet; run 'dvc repro', or give a --scenario")
    choice = read_json(path)["verdict"]["choice"]
    if choice is None:
        raise InputError(
            "the verdict says to use none of the scenarios; give a --scenario to use one all the "
            "same"
        )
    return choice


def list_files(paths: list[Path]) -> list[Path]:
    """Lists the files that are meant: each path, or what a folder holds, at any depth."""
    files = []
    for path in paths:
        if not path.exists():
            raise InputError(f"there is nothing at '{path}'")
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        files += inside if path.is_dir() else [path]
    return files


def main() -> None:
    arguments = parse_arguments()
    files = list_files(arguments.paths)
    folder = find_model(arguments.scenario or read_choice(), arguments.run)
    settings = read_card(folder).restore_settings()
    pin_threads(settings.machine.threads)
    predict, card = Loader().load(folder)
    image, num_failed = settings.image, 0
    print(f"by {card.scenario}, {card.run.name}", file=sys.stderr)
    for file in files:
        try:
            pixels = prepare_image(file.read_bytes(), image.resolution, image.fit)
        except NotAnImage as error:
            print(f"{file}\t{error}", file=sys.stderr)
            num_failed += 1
            continue
        probabilities = predict(pixels[None])[0]
        winner = int(np.argmax(probabilities))
        print(f"{file}\t{card.classes[winner]}\t{probabilities[winner]:.4f}", flush=True)
    if num_failed:
        sys.exit(f"error: {num_failed} of {len(files)} files are no images that can be read")


if __name__ == "__main__":
    run_stage(main)
