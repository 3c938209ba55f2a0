"""How far the pipeline is, and how long it may still take.

In a terminal a bar; elsewhere a line now and then, which a log can hold.
"""

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from tqdm import tqdm

from threeway.artefacts import PIPELINE

Item = TypeVar("Item")

# A stage imports this module before TensorFlow, which takes seconds.
BEGAN = time.monotonic()
SECONDS_BETWEEN_LINES = 10
# Where the stages are declared.
DECLARED = Path("dvc.yaml")
# What each stage took when it last ran; it may be missing.
DURATIONS = PIPELINE / "durations.json"


class Listener(Protocol):
    """Hears how far some work is, of which it may know more than one part."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Counts steps as done; fewer than none were lost, and are to be done again."""

    def skip(self, steps: int) -> None:
        """Takes steps off that need not be done; fewer than none come back."""


class Tally:
    """A listener that counts what it hears, and tells nobody."""

    def __init__(self) -> None:
        self.done = self.skipped = 0

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.done += steps

    def skip(self, steps: int) -> None:
        self.skipped += steps


class Progress:
    """Tells of work that is done in equal steps.

    Args:
        what: is done, such as "training".
        total: steps, at most.
        unit: what a step is, such as "epoch".
    """

    def __init__(self, what: str, total: int, unit: str):
        self.what, self.total, self.unit = what, total, unit
        self.done, self.began, self.told = 0, time.monotonic(), time.monotonic()
        self.bar = tqdm(total=total, desc=what, unit=unit, leave=False, disable=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type | BaseException | TracebackType | None) -> None:
        self.bar.close()

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Counts steps as done, and tells so if it is time; fewer than none take steps back."""
        self.done += steps
        self.bar.set_postfix_str(note, refresh=False)
        self.bar.update(steps)
        due = time.monotonic() - self.told > SECONDS_BETWEEN_LINES
        if self.bar.disable and self.done and due:
            self.told = time.monotonic()
            left = (self.told - self.began) / self.done * (self.total - self.done)
            about = f" ({note})" if note else ""
            self.say(
                f"{self.what}: {self.unit} {self.done:,} of {self.total:,}{about}, "
                f"at most {format_seconds(left)} left"
            )

    def skip(self, steps: int) -> None:
        """Takes steps off that need not be done."""
        self.total -= steps
        self.bar.total = self.total
        self.bar.refresh()

    def say(self, text: str) -> None:
        """Prints a line without tearing the bar."""
        self.bar.write(text)
        sys.stdout.flush()


def follow(items: Iterable[Item], what: str, total: int, unit: str) -> Iterator[Item]:
    """Yields the items, each of them a step of progress."""
    with Progress(what, total, unit) as progress:
        yield from heed(items, progress)


def heed(items: Iterable[Item], listener: Listener) -> Iterator[Item]:
    """Yields the items, each of them a step that a listener hears of."""
    for item in items:
        yield item
        listener.advance()


def format_seconds(seconds: float) -> str:
    """Words a duration as one would say it: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def announce(stage: str) -> None:
    """Says which stage begins, of how many, and how long those still to come took last time."""
    stages = list_stages(DECLARED)
    if stage not in stages:
        return
    numbers = list(stages)
    number, took = numbers.index(stage), read_durations()
    left = [took.get(name) for name in numbers[number:]]
    about = "" if None in left else f"; about {format_seconds(sum(left))} left, if as last time"
    print(f"[{number + 1} of {len(stages)}] {stages[stage]}{about}", flush=True)


def keep_duration(stage: str, seconds: float) -> None:
    """Remembers what a stage took, for the next time."""
    if stage in list_stages(DECLARED) and DURATIONS.parent.is_dir():
        DURATIONS.write_text(json.dumps(read_durations() | {stage: round(seconds, 1)}))


def list_stages(pipeline: Path) -> dict[str, str]:
    """Lists the stages of dvc.yaml in its order, with what they do; it takes no YAML reader."""
    text = pipeline.read_text(encoding="utf-8") if pipeline.is_file() else ""
    return dict(re.findall(r"^  (\w+):\n    desc: (.*)$", text, re.MULTILINE))


def read_durations() -> dict[str, float]:
    """Reads what stages took: nothing, where it is missing or was cut by a kill."""
    try:
        return json.loads(DURATIONS.read_text())
    except (FileNotFoundError, ValueError):
        return {}
