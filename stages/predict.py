"""Classifies new images with a trained scenario. Not part of the pipeline: for its user.

    python -m stages.predict [--scenario NAME] [--seed N] PATH...

Reads params.yaml, dvc.lock, data/pipeline/runs/, data/pipeline/models/ and, but for baseline_cnn,
data/pipeline/backbone/.
Prints a line for each image: path, class, probability. A PATH is an image or a folder of images.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from threeway.errors import InputError, run_stage
from threeway.intake.decoding import NotAnImage, prepare_image
from threeway.model.saved import OTHER_SETTINGS, load_network
from threeway.networks.inference import compile_network
from threeway.predictions import read_predictions
from threeway.runtime import pin_threads
from threeway.scenarios import SCENARIOS
from threeway.settings import Image, load_settings


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.predict", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--scenario", choices=SCENARIOS, default=SCENARIOS[-1])
    parser.add_argument("--seed", type=int, help="of the run to use; the first in params.yaml")
    return parser.parse_args()


def read_classes(scenario: str, image: Image) -> list[str]:
    """Reads the class names that belong to a scenario's weights: the images' may be newer.

    Raises:
        InputError: it is not trained, or, by dvc.lock, on images made in another way.
    """
    run, lock = Path("data/pipeline/runs", scenario, "predictions.csv"), Path("dvc.lock")
    stages = YAML(typ="safe").load(lock)["stages"] if lock.is_file() else {}
    if scenario not in stages or not run.is_file():
        raise InputError(f"{scenario} is not trained yet; run 'dvc repro'")
    trained = Image.model_validate(stages[scenario]["params"]["params.yaml"]["image"])
    if trained != image:
        raise InputError(f"{scenario} {OTHER_SETTINGS} (image: {trained})")
    return read_predictions(run, "val").classes


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
    settings = load_settings("image", "machine", "training", "baseline_cnn", "feature_extraction")
    files = list_files(arguments.paths)
    classes = read_classes(arguments.scenario, settings.image)
    pin_threads(settings.machine.threads)
    seed = settings.training.seeds[0] if arguments.seed is None else arguments.seed
    predict = compile_network(load_network(arguments.scenario, seed, settings, len(classes)))

    size, num_failed = settings.image.resolution, 0
    for file in files:
        try:
            image = prepare_image(file.read_bytes(), size, settings.image.fit)
        except NotAnImage as error:
            print(f"{file}\t{error}", file=sys.stderr)
            num_failed += 1
            continue
        probabilities = predict(image[None])[0]
        winner = int(np.argmax(probabilities))
        print(f"{file}\t{classes[winner]}\t{probabilities[winner]:.4f}", flush=True)
    if num_failed:
        sys.exit(f"error: {num_failed} of {len(files)} files are no images that can be read")


if __name__ == "__main__":
    run_stage(main)
