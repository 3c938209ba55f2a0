"""Sets params.yaml to what a paper asks for. Not part of the pipeline: for its user.

    python -m stages.adopt PAPER IMAGES

PAPER names a record in papers/, IMAGES is your copy of its images: a folder, zip or tar with one
folder for each class. Comments stay; `git diff params.yaml` shows what the paper asks for, and
`git checkout params.yaml` takes it back.
"""

import argparse
from pathlib import Path

from ruamel.yaml import YAML

from threeway.errors import InputError, run_stage
from threeway.intake.labelling import label_source
from threeway.intake.sources import open_source
from threeway.papers.paper import find_paper, read_paper
from threeway.settings import Data, load_settings, read_sections


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.adopt", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paper", metavar="PAPER")
    parser.add_argument("images", metavar="IMAGES")
    return parser.parse_args()


def list_classes(data: Data) -> list[str]:
    """Lists the classes; an error here is better than one after params.yaml has changed."""
    entries = label_source(open_source(data.source), data)
    return sorted({entry.class_name for entry in entries if entry.class_name})


def merge(params: dict, changes: dict) -> None:
    """Sets each value in place, so that what is said beside it stays."""
    for key, value in changes.items():
        if key not in params:
            raise InputError(f"params.yaml is not valid:\n  {key}: missing, expected a value")
        if isinstance(value, dict):
            merge(params[key], value)
        elif isinstance(value, list) and isinstance(params[key], list):
            params[key][:] = value
        elif params[key] != value:
            params[key] = value


def describe_reading(data: dict) -> str:
    """Words the settings that say what images are, which are no paper's to change."""
    keys = ("layout", "table", "group", "division")
    return ", ".join(f"data.{key}: {data[key]}" for key in keys)


def main() -> None:
    arguments = parse_arguments()
    if not arguments.images.strip():
        raise InputError(
            f"there are no images to run {arguments.paper or 'a paper'} on; name a folder, zip or "
            "tar of yours: make paper PAPER=batik DATA=path/to/images"
        )
    record = find_paper(arguments.paper)
    paper = read_paper(record)
    if paper.params is None:
        raise InputError(f"{record} has no params: it says nothing of how to run the experiment")

    yaml, path = YAML(), Path("params.yaml")
    read_sections(path)  # it may still lack its images
    yaml.preserve_quotes, yaml.width = True, 100
    params = yaml.load(path)
    # As written, not as checked: 0.10 and 0.00001 stay what a reader finds in the record.
    merge(params, yaml.load(record)["params"])
    merge(params, {"paper": arguments.paper, "data": {"source": arguments.images}})
    temporary = path.with_suffix(".yaml.new")
    yaml.dump(params, temporary)
    try:
        classes = list_classes(load_settings("data", path=temporary).data)
    except InputError as error:
        told = str(error).replace(str(temporary), str(path))
        raise InputError(f"{told}\n  nothing was changed") from None
    else:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

    print(f"params.yaml now asks for what {record} does: see git diff params.yaml")
    print(f"how your images are read stays as it is: {describe_reading(params['data'])}")
    if params["data"]["folds"] == 1 and len(params["training"]["seeds"]) == 1:
        print("it divides once: training.seeds: [1, 2, 3] tells the luck of training, one does not")
    expected = paper.num_classes or len(paper.classes)
    if expected not in (0, len(classes)):
        print(
            f"the paper has {expected} classes, {arguments.images} has "
            f"{len(classes)}: {', '.join(classes)}"
        )


if __name__ == "__main__":
    run_stage(main)
