"""The names under which finished runs are kept: digests of all that decides their bits."""

import platform
from dataclasses import asdict
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from threeway.artefacts import INDEX, SPLIT
from threeway.examples.dataset import read_dataset
from threeway.execution import kept
from threeway.processor import list_arithmetic, list_versions, name_processor
from threeway.records import digest_file
from threeway.runtime import tf
from threeway.scenarios import SCENARIOS
from threeway.splits import LEARNING_SPLITS
from threeway.training.runs import Task

# Code that only says what is trained, and not how.
PLANS = {
    *(Path(f"threeway/training/{name}.py") for name in ("keys", "plans", "scenario")),
    *(Path(f"stages/{name}.py") for name in SCENARIOS),
}


class Keys:
    """Makes the keys of a scenario's runs.

    Files, code and machine are looked at once: they stay as they are while runs are trained.
    """

    def __init__(self, scenario: str):
        self.shared = {
            "code": {path.as_posix(): digest_file(path) for path in list_code(scenario)},
            "versions": list_versions(),
            "machine": [platform.system(), name_processor()],
            "accelerators": [device.name for device in tf.config.list_physical_devices("GPU")],
            "environment": list_arithmetic(),
        }
        self.digest = cache(digest_file)
        self.describe_images = cache(describe_images)

    def make(self, task: Task) -> str:
        """Makes the key of a run that goes on to its end."""
        return kept.make_key(self.describe(task))

    def make_trial(self, task: Task) -> str:
        """Makes the key of a run that may be given up, measured by the trials before it."""
        earlier = [asdict(trial) for trial in task.earlier]
        return kept.make_key(self.describe(task) | {"earlier": earlier})

    def describe(self, task: Task) -> dict:
        """Describes all that decides a run's bits; of index and division that is what they say of
        its own images.
        """
        run, inputs = task.run, {*task.decisive} - {INDEX, SPLIT}
        return self.shared | {
            "begin": f"{task.begin.__module__}.{task.begin.__qualname__}",
            "run": [run.scenario, run.fold, run.seed],
            "settings": task.own_settings,
            "images": self.describe_images(run.fold, run.share),
            "inputs": {path.as_posix(): self.digest(path) for path in inputs},
        }


def describe_images(fold: int, share: float) -> list[str]:
    """Describes what a run learns from, and calls it by."""
    dataset = read_dataset(fold, share)
    return [*dataset.classes, dataset.digest(LEARNING_SPLITS), *dataset.paths]


def list_code(stage: str) -> list[Path]:
    """Lists the modules that dvc.yaml says a stage uses, but for those that only say what is
    trained when.
    """
    deps = YAML(typ="safe").load(Path("dvc.yaml"))["stages"][stage]["deps"]
    return [Path(dep) for dep in deps if dep.endswith(".py") and Path(dep) not in PLANS]
