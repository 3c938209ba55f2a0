"""Trains again on shares of each fold's training images, so that it shows what more would bring.

Reads learning_curve of params.yaml, what the stages of its scenarios read, and their runs, whose
settings it takes. Writes a folder for each run in data/pipeline/learning_curve/SCENARIO/. While it
runs, data/pipeline/frozen/ holds what the frozen layers make of images.
"""

from threeway.artefacts import FROZEN, LEARNING_CURVE
from threeway.errors import run_stage
from threeway.execution.scratch import open_scratch
from threeway.scenarios import SCENARIOS
from threeway.settings import load_settings
from threeway.training.scenario import train_shares
from threeway.training.ways import WAYS


def main() -> None:
    wanted = load_settings("learning_curve").learning_curve
    LEARNING_CURVE.mkdir(parents=True, exist_ok=True)
    if not wanted.shares:
        return
    with open_scratch(FROZEN):
        for scenario in SCENARIOS:
            if scenario in wanted.scenarios:
                print(f"{scenario}, on shares of its training images", flush=True)
                train_shares(WAYS[scenario], wanted.shares)


if __name__ == "__main__":
    run_stage(main)
