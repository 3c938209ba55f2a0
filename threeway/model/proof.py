"""What formats for small devices change in answers, by the networks and the images of each fold."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from threeway.artefacts import BACKBONE, IMAGES, LOGS, TEST
from threeway.examples.arrays import Rows
from threeway.examples.dataset import read_dataset
from threeway.execution.mapping import count_workers, map_tasks
from threeway.model.card import Card, read_card
from threeway.model.formats import check_float32, compare_answers, convert_to, pick_calibration
from threeway.model.saved import build_described, complete_trained, fill, name_network
from threeway.networks.inference import predict
from threeway.networks.interpreter import open_frozen
from threeway.predictions import probability_columns, read_answers
from threeway.progress import Listener, Progress
from threeway.run import MODEL, PREDICTIONS, Run
from threeway.runtime import keras, pin_threads
from threeway.settings import load_settings
from threeway.splits import LEARNING_SPLITS

# Memory that a conversion takes, at most.
NUM_BYTES = int(1.5 * 2**30)
# Networks that this process has built, each with the part of it that runs differ in.
BUILT: dict[str, tuple[keras.Model, keras.Model]] = {}


@dataclass(frozen=True)
class Proof:
    """A run whose network is to be converted, whole: it can be pickled.

    Attributes:
        run: which one.
        formats: to which.
        split: whose images are answered, "val" or "test".
        folder: where the files are left, to be measured; None: nowhere.
    """

    run: Run
    formats: Sequence[str]
    split: str
    folder: Path | None

    @property
    def name(self) -> str:
        return f"{self.run.scenario}-{self.run.name}"

    @property
    def answers(self) -> Path:
        """The file that has what Keras answers."""
        if self.split == "val":
            return self.run.folder / PREDICTIONS
        return TEST / f"{self.run.scenario}.csv"


def prove_each(tasks: Sequence[Proof]) -> pd.DataFrame:
    """Answers in each format what several runs are judged by, on all cores: rows of formats.csv, in
    the order of the tasks.

    Raises:
        RuntimeError: float32 answers other than Keras.
    """
    workers = load_settings("execution").execution.workers
    workers = count_workers(workers, len(tasks), 1, NUM_BYTES)
    num_files = sum(len(task.formats) for task in tasks)
    with Progress("formats", num_files, "file") as progress:
        found = map_tasks(prove, deque(tasks), workers, progress, LOGS / "formats")
        rows = {task.name: table for task, table in found}
    return pd.concat([rows[task.name] for task in tasks])


def load_again(folder: Path) -> tuple[keras.Model, Card]:
    """Loads a trained model whole, as load_network does, in a network that this process has built
    for its like, if it has: (until the next one is loaded, its card).
    """
    card = read_card(folder)
    name = name_network(card)
    if name not in BUILT:
        trained = build_described(card)
        BUILT[name] = trained, complete_trained(trained, card, folder, BACKBONE)
    trained, network = BUILT[name]
    fill(trained, folder)
    return network, card


def prove(task: Proof, listener: Listener) -> pd.DataFrame:
    """Answers the images of a run's split in each format, beside what Keras answered.

    Args:
        task: what to do.
        listener: hears of each format.

    Returns:
        Rows of formats.csv: scenario, fold, seed, image, keras and, of each format, <format>,
        <format>_same and <format>_change: whether the answer is right (0 or 1), whether it is
        Keras', and the largest change of a probability.

    Raises:
        RuntimeError: float32 answers other than Keras.
    """
    pin_threads(1)
    run = task.run
    network, card = load_again(run.folder / MODEL)
    dataset, images = read_dataset(run.fold, run.share), Rows(IMAGES)
    card.check_images(dataset.digest(LEARNING_SPLITS), run.scenario)
    train, judged = dataset.select(images, "train"), dataset.select(images, task.split)
    shown = train.inputs[pick_calibration(train.digests)]
    known = read_answers(task.answers, run)
    if [*known["image"]] != [*judged.paths]:
        raise RuntimeError(f"{task.answers} has other images than those of {run.name}")
    expected = known[probability_columns(card.classes)].to_numpy(np.float64)
    right = {"keras": expected.argmax(axis=1) == judged.labels}
    changes = {}
    for name in task.formats:
        file = convert_to(network, name, shown)
        if task.folder:
            task.folder.mkdir(parents=True, exist_ok=True)
            (task.folder / f"{name}.tflite").write_bytes(file)
        answers = predict(open_frozen(file, threads=1), judged.inputs)
        change = compare_answers(answers, expected)
        if name == "float32":
            check_float32(change, task.name)
        right[name] = answers.argmax(axis=1) == judged.labels
        changes[f"{name}_same"] = change.same.astype(int)
        changes[f"{name}_change"] = np.char.mod("%.3g", change.change)
        listener.advance()
    about = {"scenario": run.scenario, "fold": run.fold, "seed": run.seed, "image": judged.paths}
    marks = {name: values.astype(int) for name, values in right.items()}
    return pd.DataFrame(about | marks | changes)
