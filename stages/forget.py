"""Removes the finished runs that are kept for when they are needed again.

    python -m stages.forget

They make an interrupted stage, or one with a seed more, train only what is missing. Without them
'dvc repro' trains anew what it runs; what is in metrics/ and in DVC's cache stays. Not meant for
while 'dvc repro' trains: it would end and have to begin again.
"""

import argparse

from threeway.artefacts import KEPT
from threeway.errors import run_stage
from threeway.execution.kept import forget


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.forget", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.parse_args()
    print(f"{KEPT}: {forget() / 1e6:,.0f} MB removed")


if __name__ == "__main__":
    run_stage(main)
