"""Puts finished comparisons into one table. Not part of the pipeline: for its user.

    python -m stages.beside [--out FOLDER] PLACE PLACE...

A PLACE is a git revision of this repository (branch, tag, commit), the name of a DVC experiment,
"workspace" (the files as they are) or a folder (another clone). LABEL=PLACE gives it a name of
yours. A folder that is called like a revision is ./NAME.

Reads params.yaml, dvc.lock, metrics/comparison.json, metrics/data.json and
metrics/<scenario>/predictions.csv of each place, and checks nothing out. Prints the table as
Markdown; where two places were measured on the same images, what differs between the first and each
other one. Writes nothing but, with --out, beside.csv, beside.md and beside.tex.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from threeway.beside.finished import read_finished
from threeway.beside.places import open_places
from threeway.beside.table import (
    check_splits,
    contrast_places,
    explain_places,
    format_places,
    present_places,
    tabulate_places,
)
from threeway.errors import run_stage
from threeway.reading.markup import format_latex
from threeway.records import write_csv, write_text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.beside", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("places", nargs="+", metavar="PLACE")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="to write the tables to")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    with TemporaryDirectory() as scratch:
        places = open_places(arguments.places, Path(scratch))
        finished = [read_finished(place) for place in places]
    check_splits(finished)

    contrasts = contrast_places(finished)
    table = tabulate_places(finished, contrasts)
    report = format_places(finished, contrasts, table)
    print(report, end="")
    if arguments.out:
        write_csv(arguments.out / "beside.csv", table)
        write_text(arguments.out / "beside.md", report)
        caption = explain_places(finished[0].split)
        latex = format_latex(present_places(table), caption, "tab:beside", environment="table*")
        write_text(arguments.out / "beside.tex", latex)


if __name__ == "__main__":
    run_stage(main)
