"""Times threeway beside what people write without it, on the same images, divided the same way.

    python -m benchmarks.speed [--images FOLDER] [--rounds N] [--tasks a,b,c] [--full x,y] [--smoke]

In each round the contenders take turns, and each starts from image files and an empty DVC cache.
Getting the ImageNet weights and laying out folders for the rivals are not timed. threeway trains
and tests five folds. A rival does the first of them, and would take as long for each of the others.
Where an epoch takes as long as the next, a few are measured and the rest is extrapolated, and all
that is written says so. The first round of contenders that --full names measures every epoch,
without which there is no accuracy to compare. --smoke only tries whether all works, with next to no
images and epochs.

Writes OUT.json (every measurement), OUT.md (a table) and OUT.png. Tasks that are not measured anew
stay as OUT.json has them.
"""

import argparse
import csv
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from statistics import mean, median

import numpy as np
import psutil
from PIL import Image
from ruamel.yaml import YAML

from benchmarks.checkout import ROOT, change_params, copy_working_tree, read_params
from benchmarks.generated import generate_images
from benchmarks.rivals import threeway_run
from benchmarks.rivals.threeway_run import repro, run_module
from benchmarks.speed_report import Run, write_report
from threeway.artefacts import BACKBONE, INDEX, KEPT, SPLIT
from threeway.examples.dataset import count_folds
from threeway.intake.sources import open_source
from threeway.model.machine import describe_machine
from threeway.scenarios import SCENARIOS

# What a rival cannot do, or what would make its training another, is off.
PLAIN = {"paper": "none", "augmentation": {"contrast": 0}, "training": {"class_weights": "none"}}
SMOKE = {
    "image": {"resolution": 32},
    "training": {"batch_size": 8},
    "baseline_cnn": {"filters": [4, 8], "dense_units": 8},
}
# Epochs from which to extrapolate: a rival's after the first one, and threeway's difference.
FEW, FEWER = 5, 2
# Changes to params.yaml.
BY_FOLDS, ONE_DIVISION = {"data": {"folds": 5}}, {"data": {"folds": 1}}
PHOTOGRAPHS = {"image": {"resolution": 160}, "training": {"seeds": [1]}}


@dataclass
class Bench:
    """What is measured on, and how much.

    Attributes:
        images: folder, zip or tar of class folders.
        work: a temporary folder.
        weights: backbone.weights of params.yaml.
        rounds: times that each contender has its turn.
        full: contenders whose first round measures every epoch.
        smoke: next to nothing is measured.
    """

    images: Path
    work: Path
    weights: str
    rounds: int
    full: list[str]
    smoke: bool

    @cached_property
    def template(self) -> Path:
        """A copy of the project that has its weights, and nothing else done."""
        project = self.work / "template"
        copy_working_tree(project)
        source = {"data": {"source": str(self.images)}, "backbone": {"weights": self.weights}}
        change_params(project, PLAIN, source)
        repro(project, "backbone")
        return project

    @cached_property
    def finished(self) -> Path:
        """A project that is done with everything, after one epoch of each scenario."""
        project = self.start(fix_epochs(dict.fromkeys(SCENARIOS, 1)))
        repro(project)
        return project

    def start(self, *changes: dict) -> Path:
        """Makes a fresh project with these changes to params.yaml."""
        project = Path(tempfile.mkdtemp(dir=self.work)) / "project"
        shutil.copytree(self.template, project, symlinks=True)
        change_params(project, *changes, SMOKE if self.smoke else {})
        return project

    def shorten(self, count: int, most: int = 3) -> int:
        """Gives a number of epochs or images or, where only trying, at most `most`."""
        return min(count, most) if self.smoke else count


@dataclass(frozen=True)
class Layout:
    """The first of threeway's folds as the rivals take it.

    Attributes:
        folder: with train, val and test, and class folders in each.
        num_images: of each split.
        num_folds: that there are in all.
        params: the project's params.yaml.
        weights: the .npz with the backbone's weights.
    """

    folder: Path
    num_images: dict[str, int]
    num_folds: int
    params: dict
    weights: Path


def fix_epochs(epochs: dict[str, int]) -> dict:
    """Makes the change to params.yaml that trains each scenario for exactly these epochs."""
    patience = {"early_stopping_patience": 0, "plateau_patience": 0}
    return {name: {"epochs": count} | patience for name, count in epochs.items()}


def lay_out(project: Path) -> Layout:
    """Copies the images of the first fold of a project into folders by split and class."""
    index, division = (read_rows(project / path) for path in (INDEX, SPLIT))
    rows = {row["path"]: row for row in index}
    for row in division:
        if row["fold"] == "1":
            rows[row["path"]] = rows[row["path"]] | row
    params, folder = read_params(project), project.parent / "images"
    num_images = dict.fromkeys(("train", "val", "test"), 0)
    for path, content in open_source(params["data"]["source"]).read(rows):
        split = rows[path]["split"]
        target = folder / split / rows[path]["class"] / path.replace("/", "__")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        num_images[split] += 1
    with chdir(project):
        num_folds = count_folds()
    return Layout(folder, num_images, num_folds, params, project / BACKBONE)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Reads a table of images."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def take_turns(contenders: dict[str, Callable[[int], Run]], rounds: int) -> dict[str, list[Run]]:
    """Runs each contender once a round, which it is told, from 0.

    The first one of a round comes last in the next one.
    """
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    order = list(contenders)
    for number in range(rounds):
        for name in order:
            print(f"  round {number + 1} of {rounds}: {name}", flush=True)
            runs[name].append(contenders[name](number))
        order = [*order[1:], order[0]]
    return runs


def race(
    bench: Bench, changes: dict, epochs: dict[str, int], rivals: list[str], targets: list[str]
) -> dict:
    """Times scenarios by five folds from image files to predictions, threeway against rivals.

    Args:
        bench: what is measured on.
        changes: to params.yaml.
        epochs: of each scenario that is trained.
        rivals: modules in benchmarks.rivals.
        targets: stages of threeway that end in these scenarios; none for all of the pipeline.
    """
    epochs = {name: bench.shorten(count) for name, count in epochs.items()}
    changes = [changes, BY_FOLDS]
    project = bench.start(*changes)
    repro(project, "split")
    layout = lay_out(project)
    contenders = {"threeway": partial(run_threeway, bench, changes, epochs, targets)}
    contenders |= {rival: partial(run_rival, bench, rival, layout, epochs) for rival in rivals}
    runs = take_turns(contenders, bench.rounds)
    size = layout.params["image"]["resolution"]
    return {
        "unit": "s",
        "size": size,
        "epochs": epochs,
        "folds": layout.num_folds,
        "images": layout.num_images,
        "runs": runs,
    }


def run_threeway(
    bench: Bench, changes: list[dict], epochs: dict[str, int], targets: list[str], number: int
) -> Run:
    """Times `dvc repro` from image files on, in the round of this number.

    Only the CNN's epochs are extrapolated: fine-tuning's last as long as their views are new.
    """
    few, fewer = bench.shorten(FEW, 2), bench.shorten(FEWER, 1)
    in_full = "threeway" in bench.full and number == 0
    slow = [name for name in epochs if name == "baseline_cnn" and epochs[name] > few]
    slow = [] if in_full else slow
    project = bench.start(*changes, fix_epochs(epochs | dict.fromkeys(slow, few)))
    run = run_to_answers(project, list(epochs), targets)
    if slow:
        del run["answers"]
        change_params(project, fix_epochs(dict.fromkeys(slow, fewer)))
        repro(project, *slow)
        less = {name: threeway_run.read_training_seconds(project, name) for name in slow}
        run |= {"extrapolated_from": [fewer, few], "training_seconds_of_fewer": less}
        for name in slow:
            epoch = (run["training_seconds"][name] - less[name]) / (few - fewer)
            run["value"] += (epochs[name] - few) * epoch
    shutil.rmtree(project.parent)
    return run


def run_to_answers(project: Path, scenarios: list[str], targets: list[str]) -> Run:
    """Times `dvc repro` of these targets, and what tests these scenarios."""
    done = repro(project, *targets)
    tested = run_module("stages.evaluate", *scenarios, folder=project)
    seconds = done.seconds + tested.seconds
    run = {"measured_seconds": seconds, "peak_megabytes": done.peak_megabytes, "value": seconds}
    trained = {name: threeway_run.read_training_seconds(project, name) for name in scenarios}
    answers = {name: threeway_run.count_answers(project, name) for name in scenarios}
    return run | {"training_seconds": trained, "answers": answers}


def run_rival(bench: Bench, rival: str, layout: Layout, epochs: dict[str, int], number: int) -> Run:
    """Times a rival's process from image files on, in the round of this number.

    It does one fold; each of the others would take as long, but for the start of Python.
    """
    in_full = rival in bench.full and number == 0
    few = max(epochs.values()) if in_full else bench.shorten(FEW, 2)
    measured = {name: min(count, few) for name, count in epochs.items()}
    run = start_rival(rival, layout, measured)
    seconds = run["measured_seconds"]
    for name, found in run["scenarios"].items():
        seconds += extrapolate(found["epochs"], epochs[name])
    run["value"] = run["start_up"] + layout.num_folds * (seconds - run["start_up"])
    run["of_folds"] = [1, layout.num_folds]
    if measured == epochs:
        tested = layout.num_images["test"]
        run["answers"] = {name: (run["scenarios"][name]["correct"], tested) for name in epochs}
    else:
        run["extrapolated_from"] = [few]
    return run


def start_rival(rival: str, layout: Layout, epochs: dict[str, int]) -> Run:
    """Runs a rival's process: its seconds, its memory and what it printed.

    Raises:
        RuntimeError: it found other images than threeway did.
    """
    path = configure(layout, rival, epochs)
    done = run_module(f"benchmarks.rivals.{rival}", str(path))
    found = done.read_json()
    if found["images"] != layout.num_images:
        raise RuntimeError(f"{rival} has {found['images']} images, threeway {layout.num_images}")
    return {"measured_seconds": done.seconds, "peak_megabytes": done.peak_megabytes} | found


def configure(layout: Layout, rival: str, epochs: dict[str, int]) -> Path:
    """Writes what a rival reads, and returns its path."""
    config = layout.params | {"folder": str(layout.folder), "weights": str(layout.weights)}
    config |= {"seed": layout.params["training"]["seeds"][0], "scenarios": list(epochs)}
    for name, count in epochs.items():
        config[name] = config[name] | {"epochs": count}
    path = layout.folder.parent / f"{rival}.json"
    path.write_text(json.dumps(config))
    return path


def extrapolate(epochs: list[float], wanted: int) -> float:
    """Computes the seconds of the epochs that were not run, each as long as the median one.

    Args:
        epochs: seconds of each epoch that was; the first one, which is longer, does not count.
        wanted: epochs in all.
    """
    return (wanted - len(epochs)) * median(epochs[1:] or epochs)


def time_frozen_250(bench: Bench) -> dict:
    """The clothing paper's model and settings, 250 epochs at 128 pixels, five folds."""
    record = YAML(typ="safe").load(ROOT / "papers/clothing.yaml")["params"]
    training = record["training"] | {"seeds": [1]}
    epochs = {"feature_extraction": record["feature_extraction"]["epochs"]}
    changes = record | {"training": training}
    return race(bench, changes, epochs, ["notebook"], ["feature_extraction"])


def time_frozen_30(bench: Bench) -> dict:
    """Frozen MobileNetV2, 30 epochs at 160 pixels, five folds."""
    return race(
        bench, PHOTOGRAPHS, {"feature_extraction": 30}, ["keras_fit"], ["feature_extraction"]
    )


def time_precomputed(bench: Bench) -> dict:
    """Frozen MobileNetV2 at 160 pixels, five folds: threeway's head, on augmented views, with early
    stopping, beside scikit-learn's logistic regression on features without augmentation.
    """
    fewer = fix_epochs({"feature_extraction": 1}) if bench.smoke else {}
    project = bench.start(PHOTOGRAPHS, BY_FOLDS)
    repro(project, "split")
    layout = lay_out(project)

    def train(_: int) -> Run:
        project = bench.start(PHOTOGRAPHS, BY_FOLDS, fewer)
        run = run_to_answers(project, ["feature_extraction"], ["feature_extraction"])
        shutil.rmtree(project.parent)
        return run

    def regress(_: int) -> Run:
        path = configure(layout, "precomputed", {})
        done = run_module("benchmarks.rivals.precomputed", str(path))
        found = done.read_json()
        run = {"value": done.seconds, "peak_megabytes": done.peak_megabytes}
        return run | {"answers": {"feature_extraction": (found["correct"], found["images"])}}

    runs = take_turns({"threeway": train, "scikit-learn": regress}, bench.rounds)
    return {"unit": "s", "images": layout.num_images, "runs": runs}


def time_all_30(bench: Bench) -> dict:
    """All three scenarios, 30 epochs each at 160 pixels, five folds; threeway with its tables and
    report.
    """
    return race(bench, PHOTOGRAPHS, dict.fromkeys(SCENARIOS, 30), ["keras_fit", "notebook"], [])


def time_fine_tuning_epoch(bench: Bench) -> dict:
    """An epoch of fine-tuning, with validation, at 160 pixels; threeway's is the mean of 30."""
    epochs = {"fine_tuning": bench.shorten(30, 2)}
    few = {"fine_tuning": bench.shorten(FEW, 2)}
    head = fix_epochs({"feature_extraction": 1})
    project = bench.start(PHOTOGRAPHS, ONE_DIVISION, head, fix_epochs(epochs))
    repro(project, "feature_extraction")
    layout = lay_out(project)

    def fine_tune(_: int) -> Run:
        # A later round would find the first one's run, and train nothing.
        shutil.rmtree(project / KEPT, ignore_errors=True)
        module = "benchmarks.rivals.threeway_run"
        done = run_module(module, "fine_tuning", folder=project)
        found = done.read_json()["epochs"]
        return {"value": mean(found[1:]), "epochs": found, "peak_megabytes": done.peak_megabytes}

    def fit(_: int) -> Run:
        run = start_rival("keras_fit", layout, few)
        return run | {"value": median(run["scenarios"]["fine_tuning"]["epochs"][1:])}

    runs = take_turns({"threeway": fine_tune, "keras_fit": fit}, bench.rounds)
    return {"unit": "s", "epochs": epochs, "images": layout.num_images, "runs": runs}


def time_five_folds(bench: Bench) -> dict:
    """All of `dvc repro` on the embedded images, with one division and with five folds; settings
    as they are, early stopping too.
    """

    def run_all(folds: int, _: int) -> Run:
        source = {"data": {"source": "data/clothing.zip", "folds": folds}}
        project = bench.start(
            source, fix_epochs(dict.fromkeys(SCENARIOS, 1)) if bench.smoke else {}
        )
        done = repro(project)
        trained = {name: threeway_run.read_training_seconds(project, name) for name in SCENARIOS}
        shutil.rmtree(project.parent)
        run = {"value": done.seconds, "peak_megabytes": done.peak_megabytes}
        return run | {"training_seconds": trained}

    folds = {"one division": 1, "five folds": 2 if bench.smoke else 5}
    contenders = {name: partial(run_all, count) for name, count in folds.items()}
    return {"unit": "s", "runs": take_turns(contenders, bench.rounds)}


def time_workers(bench: Bench) -> dict:
    """Four runs of four epochs, from the stage's start to its end: one after another with two
    threads, or two at a time with one thread each.
    """
    epochs = fix_epochs(dict.fromkeys(SCENARIOS, bench.shorten(4, 1)))
    runs: dict[str, list[Run]] = {}
    for size in (64, 160):
        few = {"image": {"resolution": size}, "data": {"folds": bench.shorten(4, 2)}}
        ready = bench.start(few, epochs)
        repro(ready, "feature_extraction")

        def train(scenario: str, workers: int, ready: Path, _: int) -> Run:
            project = ready.parent / "workers"
            shutil.copytree(ready, project, symlinks=True)
            machine = {"machine": {"threads": 2 // workers}, "execution": {"workers": workers}}
            change_params(project, machine)
            done = run_module(f"stages.{scenario}", folder=project)
            shutil.rmtree(project)
            return {"value": done.seconds, "peak_megabytes": done.peak_megabytes}

        for scenario in ("baseline_cnn", "fine_tuning"):
            contenders = {
                f"{scenario}, {size} pixels, {workers} x {2 // workers}": partial(
                    train, scenario, workers, ready
                )
                for workers in (1, 2)
            }
            runs |= take_turns(contenders, bench.rounds)
    return {"unit": "s", "unrelated": True, "runs": runs}


def time_preprocess(bench: Bench) -> dict:
    """JPEGs of 500 x 375 pixels decoded and resized to 160 pixels, both without their imports."""
    count = bench.shorten(1500, 40)
    folder = generate_images(bench.work / "photographs", count, (500, 375))
    project = bench.start({"data": {"source": str(folder)}, "image": {"resolution": 160}})
    repro(project, "inspect")
    size = read_params(project)["image"]["resolution"]
    paths = [folder / row["path"] for row in read_rows(project / INDEX)]

    def run_stage(_: int) -> Run:
        done = run_module("benchmarks.rivals.threeway_run", "preprocess", folder=project)
        return {"value": 1000 * done.read_json()["seconds"] / len(paths)}

    def loop(_: int) -> Run:
        return {"value": 1000 * time_bare_loop(paths, size) / len(paths)}

    runs = take_turns({"threeway": run_stage, "Pillow alone": loop}, bench.rounds)
    kilobytes = sum(path.stat().st_size for path in paths) / len(paths) / 1e3
    return {
        "unit": "ms an image",
        "images": len(paths),
        "kilobytes_an_image": kilobytes,
        "runs": runs,
    }


def time_bare_loop(paths: list[Path], size: int, threads: int = 2) -> float:
    """Decodes and resizes with as little as possible: seconds."""

    def shrink(path: Path) -> np.ndarray:
        with Image.open(path) as image:
            image.draft("RGB", (size, size))
            small = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
            return np.asarray(small)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        np.stack(list(pool.map(shrink, paths)))
    return time.perf_counter() - began


def time_nothing_to_do(bench: Bench) -> dict:
    """`dvc repro` where nothing has changed."""
    return time_command(bench, [])


def time_table_only(bench: Bench) -> dict:
    """`dvc repro --single-item --force compare`: verdict and tables."""
    return time_command(bench, ["--single-item", "--force", "compare"])


def time_command(bench: Bench, arguments: list[str]) -> dict:
    def command(_: int) -> Run:
        done = repro(bench.finished, *arguments)
        return {"value": done.seconds, "peak_megabytes": done.peak_megabytes}

    return {"unit": "s", "runs": take_turns({"threeway": command}, bench.rounds)}


def time_scale(bench: Bench) -> dict:
    """Stages by themselves, DVC included, on 5,000 and 50,000 JPEGs at 96 pixels; one round."""
    runs = {}
    for count in (bench.shorten(5_000, 40), bench.shorten(50_000, 80)):
        folder = generate_images(bench.work / f"{count}", count, (120, 100))
        project = bench.start({"data": {"source": str(folder)}, "image": {"resolution": 96}})
        for stage in ("check", "inspect", "split", "preprocess", "features", "nothing to do"):
            print(f"  {count:,} images: {stage}", flush=True)
            again = ["--single-item", stage] if stage != "nothing to do" else ["features"]
            done = repro(project, *again)
            run = {"value": 1000 * done.seconds / count, "measured_seconds": done.seconds}
            runs[f"{stage}, {count:,}"] = [run | {"peak_megabytes": done.peak_megabytes}]
        runs |= {f"{name}, {count:,}": [run] for name, run in train_beside(project, count)}
        shutil.rmtree(project.parent)
        shutil.rmtree(folder)
    return {"unit": "ms an image", "unrelated": True, "runs": runs}


def train_beside(project: Path, count: int) -> Iterator[tuple[str, Run]]:
    """Trains two folds in two processes for an epoch: their memory is that of all processes."""
    epochs = fix_epochs(dict.fromkeys(SCENARIOS, 1))
    change_params(project, epochs, {"data": {"folds": 2}, "machine": {"threads": 1}})
    change_params(project, {"execution": {"workers": 2}, "fine_tuning": {"views": 1}})
    repro(project, "split")
    for stage in SCENARIOS:
        print(f"  {count:,} images: {stage}, two processes", flush=True)
        with watch_memory() as seen:
            done = run_module(f"stages.{stage}", folder=project)
        run = {"value": 1000 * done.seconds / count, "measured_seconds": done.seconds}
        yield f"{stage} by two processes", run | {"peak_megabytes": max(seen)}


@contextmanager
def watch_memory() -> Iterator[list[float]]:
    """Watches the memory of all processes that this one has started: MB, several times a second.

    What processes share counts once (PSS).
    """
    seen, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            total = 0
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    total += process.memory_full_info().pss
            seen.append(total / 2**20)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


TASKS = {
    "frozen_250": time_frozen_250,
    "frozen_30": time_frozen_30,
    "precomputed": time_precomputed,
    "all_30": time_all_30,
    "fine_tuning_epoch": time_fine_tuning_epoch,
    "five_folds": time_five_folds,
    "workers": time_workers,
    "preprocess": time_preprocess,
    "nothing_to_do": time_nothing_to_do,
    "table_only": time_table_only,
    "scale": time_scale,
}
# Half an hour or more.
LONG = ("scale",)


def describe_conditions(bench: Bench) -> dict:
    """Says on what a task was measured."""
    head = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return {
        "machine": describe_machine(),
        "commit": head.stdout.strip(),
        "source": bench.images.name,
        "rounds": bench.rounds,
        "full": bench.full,
        "smoke": bench.smoke,
    }


def measure(bench: Bench, tasks: list[str], out: Path | None) -> None:
    """Runs tasks; each is written as soon as it is measured, so that an hour is not lost."""
    saved = out.with_suffix(".json") if out else None
    results = json.loads(saved.read_text()) if saved and saved.is_file() else {}
    for task in tasks:
        about = " ".join(TASKS[task].__doc__.split())
        print(f"{task}: {about}", flush=True)
        results[task] = TASKS[task](bench) | describe_conditions(bench) | {"about": about}
        results = {name: results[name] for name in TASKS if name in results}
        if saved:
            saved.parent.mkdir(parents=True, exist_ok=True)
            saved.write_text(json.dumps(results, indent=1) + "\n")
    write_report(results, out)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    short = [task for task in TASKS if task not in LONG]
    parser.add_argument("--images", type=Path, help="folder, zip or tar of class folders")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", default=",".join(short), help=f"of {', '.join(TASKS)}")
    parser.add_argument("--weights", help="as backbone.weights in params.yaml")
    parser.add_argument("--full", default="", help="contenders to measure in full once: x,y")
    parser.add_argument("--smoke", action="store_true", help="only try whether all works")
    parser.add_argument("--out", type=Path, help="path without suffix; default benchmarks/speed")
    arguments = parser.parse_args()
    arguments.tasks = arguments.tasks.split(",")
    arguments.full = [name for name in arguments.full.split(",") if name]
    unknown = sorted(set(arguments.tasks) - set(TASKS))
    if unknown:
        parser.error(f"no such task: {', '.join(unknown)}; there are {', '.join(TASKS)}")
    return arguments


def choose_images(given: Path | None, work: Path, smoke: bool) -> Path:
    """Takes the user's images or, for want of any, generates some."""
    if given:
        return given.resolve()
    return generate_images(work / "generated", 48 if smoke else 1200, (256, 192))


def main() -> None:
    arguments = parse_arguments()
    smoke = arguments.smoke
    # A trial must not overwrite what was measured.
    out = arguments.out or (None if smoke else ROOT / "benchmarks/speed")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        images = choose_images(arguments.images, work, smoke)
        weights = arguments.weights or ("random" if smoke else "imagenet")
        bench = Bench(images, work, weights, arguments.rounds, arguments.full, smoke)
        measure(bench, arguments.tasks, out)


if __name__ == "__main__":
    main()
