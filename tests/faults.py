"""Faults injected into the real pipeline, at the scale of test_end_to_end; not a part of pytest.

    python -m tests.faults [--kills N] [--seed S] [--folder DIR] [kinds...]

Kinds: kill, worker, stage, node, lock, full_disk, two_at_once, ctrl_c, read_only, damaged_cache,
tampering; all without any. Prints a Markdown table: what was tried, what a user saw, and what was
lost. Nothing is lost when the next `dvc repro` finishes and every declared output has the bits of
an undisturbed run, but for the costs, which are seconds.
"""

import argparse
import functools
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from ruamel.yaml import YAML, YAMLError

from benchmarks.checkout import ENVIRONMENT, change_params, copy_working_tree
from tests.conftest import write_class_folders
from tests.small_project import (
    SMALL,
    hash_outputs,
    list_changed,
    list_outputs,
    list_stages_run,
    read_stages,
    run,
)
from threeway.artefacts import KEPT
from threeway.scenarios import SCENARIOS

TRAINING = ("baseline_cnn", "features", "feature_extraction", "fine_tuning")
# What is worth a user's look in DVC's output; the rest says that all is well.
NOTABLE = re.compile(
    r"error|warning|failed|invalid|Traceback|No space|denied|interrupt|busy|Errno", re.I
)
# Longer than any stage at this scale, on a machine that is busy with other things.
PATIENCE = 600


@dataclass(frozen=True)
class Base:
    """An undisturbed run, which is copied and never touched.

    Attributes:
        project: its checkout.
        targets: stages that `dvc repro` is asked for; none for all.
        hashes: output file to sha256.
        seconds: stage to its duration, with what DVC does after it.
    """

    project: Path
    targets: tuple[str, ...]
    hashes: dict[str, str]
    seconds: dict[str, float]


@dataclass
class Outcome:
    """A row of the table."""

    kind: str
    tries: int = 0
    happened: Counter = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)


class Repro:
    """A `dvc repro` in a process group of its own, whose output is followed as it comes."""

    def __init__(self, project: Path, *arguments: str, prefix: tuple[str, ...] = ()):
        self.lines: list[tuple[float, str]] = []
        self.process = subprocess.Popen(
            [*prefix, "dvc", "repro", *arguments],
            cwd=project, env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"}, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.reader = threading.Thread(target=self.follow)
        self.reader.start()

    def follow(self) -> None:
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line))

    @property
    def output(self) -> str:
        return "".join(line for _, line in self.lines)

    @property
    def stage(self) -> str:
        """The stage that runs, or ran last."""
        return (["before the first", *list_stages_run(self.output)])[-1]

    def wait_for(self, stage: str) -> bool:
        """Waits until a stage begins; False when the run ends without it."""
        deadline = time.monotonic() + PATIENCE
        while stage not in list_stages_run(self.output):
            if not self.reader.is_alive() or time.monotonic() > deadline:
                return stage in list_stages_run(self.output)
            time.sleep(0.01)
        return True

    def linger(self, stage: str, seconds: float) -> None:
        """Waits while a stage runs, but not longer than until the next one begins."""
        deadline = time.monotonic() + seconds
        while self.stage == stage and self.reader.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)

    def send(self, number: signal.Signals) -> bool:
        """Sends a signal to the whole group; False when the run is already over."""
        if self.process.poll() is not None:
            return False
        os.killpg(self.process.pid, number)
        return True

    def finish(self) -> int:
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return self.process.returncode

    def measure_stages(self) -> dict[str, float]:
        """Measures the seconds from each stage's beginning to the next one's, or to the end."""
        began = [(when, list_stages_run(line)) for when, line in self.lines]
        began = [(when, names[0]) for when, names in began if names]
        ends = [when for when, _ in began[1:]] + [time.monotonic()]
        return {name: end - when for (when, name), end in zip(began, ends, strict=True)}


def make_base(project: Path, targets: tuple[str, ...] = (), changes: dict | None = None) -> Base:
    """Makes a checkout of the working tree with a small image set, runs and commits it."""
    copy_working_tree(project)
    write_class_folders(project / "shapes", per_class=12)
    change_params(project, SMALL)
    change_params(project, changes or {})
    run(project, "git", "add", ".")
    run(project, "git", "commit", "-qm", "images")
    repro = Repro(project, *targets)
    assert repro.finish() == 0, repro.output
    run(project, "git", "add", ".")
    run(project, "git", "commit", "-qm", "results")
    base = Base(project, targets, hash_outputs(project), repro.measure_stages())
    (project.parent / "base.json").write_text(json.dumps([base.hashes, base.seconds]))
    return base


def load_base(project: Path) -> Base:
    """Takes a run of all stages that make_base left."""
    return Base(project, (), *json.loads((project.parent / "base.json").read_text()))


def copy_project(base: Base, folder: Path) -> Path:
    """Copies a run into a folder, under a name that DVC has never seen."""
    project = Path(tempfile.mkdtemp(dir=folder)) / "project"
    shutil.copytree(base.project, project, symlinks=True)
    return project


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def forget(project: Path) -> None:
    """Removes what results could be taken from; what git tracks of the last run stays."""
    outs = [out for stage in read_stages(project) for out in list_outputs(project, stage)]
    made = [out for out in outs if out.startswith("data/")]
    for name in ["dvc.lock", ".dvc/cache", KEPT, *made]:
        remove(project / name)


def list_missing(project: Path) -> list[str]:
    """Lists the results that git tracks and the checkout lacks."""
    lines = run(project, "git", "status", "--porcelain", "metrics", "plots").splitlines()
    return [line[3:] for line in lines if "D" in line[:2]]


def quote(text: str) -> str:
    """Makes a message fit the table, without what differs from run to run."""
    text = re.sub(r"\S*/(?=project)", "", text.strip().replace("|", "/"))
    text = re.sub(r"(RWLock-file) '[^']*'( had)", r"\1\2", text)
    return re.sub(r"\d{3,}", "N", text)[:200]


def explain(output: str) -> str:
    """Picks how a failure was told: by a line of ours, or by DVC, or by a stack trace."""
    ours = [line for line in output.splitlines() if line.startswith("error: ")]
    theirs = [line for line in output.splitlines() if NOTABLE.search(line)]
    if "Traceback (most recent call last)" in output:
        raised = [line for line in output.splitlines() if re.match(r"\S*(Error|Interrupt)\b", line)]
        return f"TRACEBACK {quote((raised or ['?'])[-1])}"
    return quote((ours or theirs or ["nothing is said"])[-1])


def recover(project: Path, output: str) -> str:
    """Does what a user must do after a fault, and returns it."""
    if "RWLock-file" in output:
        (project / ".dvc/tmp/rwlock").unlink()
        return "rm .dvc/tmp/rwlock"
    if re.search(r"dvc\.lock' (is invalid|validation failed)", output):
        run(project, "git", "checkout", "dvc.lock")
        return "git checkout dvc.lock"
    return ""


def finish(base: Base, project: Path, outcome: Outcome) -> list[str]:
    """Lets `dvc repro` finish and compares all outputs; returns the stages that ran."""
    while (repro := Repro(project, *base.targets)).finish() != 0:
        if not note_failure(project, repro.output, outcome):
            return []
    outcome.lost += compare(base, project)
    return list_stages_run(repro.output)


def note_failure(project: Path, output: str, outcome: Outcome) -> bool:
    """Notes that the next run failed, and takes the way out; False where there is none."""
    way_out = recover(project, output)
    outcome.happened[f"then {explain(output)} (way out: {way_out or 'none'})"] += 1
    if not way_out:
        outcome.lost.append("the project")
    return bool(way_out)


def compare(base: Base, project: Path) -> list[str]:
    """Lists the outputs that are not those of the undisturbed run."""
    return list_changed(base.hashes, hash_outputs(project))


def inspect(project: Path, outcome: Outcome, own: str, gone: list[str]) -> None:
    """Notes what a fault left behind, before anything is done about it.

    Args:
        project: a checkout.
        outcome: is added to.
        own: the stage that was hit, whose own results DVC had removed before it began.
        gone: what list_missing gave before the run, for which an earlier fault was noted.
    """
    rwlock = project / ".dvc/tmp/rwlock"
    if rwlock.is_file() and '"pid"' in rwlock.read_text():
        outcome.happened["DVC's lock is left behind"] += 1
    # DVC removes what the next stage writes before it says that it runs.
    stages = [*read_stages(project)]
    hit = stages[stages.index(own) :][:2] if own in stages else stages[:1]
    outs = tuple(out for stage in hit for out in list_outputs(project, stage))
    missing = [name for name in list_missing(project) if name not in gone]
    if missing and all(name.startswith(outs) for name in missing):
        outcome.happened["the stage's own results are gone until it runs again"] += 1
    elif missing:
        outcome.lost.append(f"{own}: {', '.join(missing)[:80]}")


def kill(base: Base, folder: Path, rng: random.Random, tries: int = 14) -> Outcome:
    """Kills in every stage in turn, again and again, at a random moment of it."""
    outcome, stages = Outcome("kill"), list(base.seconds)
    while outcome.tries < tries:
        project = copy_project(base, folder)
        forget(project)
        ran = set()
        aims = rng.sample(stages, min(len(stages), tries - outcome.tries))
        for stage in sorted(aims, key=stages.index):
            ran |= kill_in(stage, base, project, outcome, rng)
            # A user who starts it again may have it killed in the same place again.
            if outcome.tries + len(aims) < tries and rng.random() < 0.3:
                ran |= kill_in(stage, base, project, outcome, rng)
        ran |= set(finish(base, project, outcome))
        # With the last commit's dvc.lock back, stages whose results are there need not run.
        if not any("git checkout dvc.lock" in text for text in outcome.happened):
            outcome.lost += [f"{stage} never ran" for stage in stages if stage not in ran]
        remove(project.parent)
    return outcome


def kill_in(
    stage: str, base: Base, project: Path, outcome: Outcome, rng: random.Random
) -> set[str]:
    """Runs until somewhere in a stage, and kills; returns the stages that began."""
    gone = list_missing(project)
    repro = start_until(stage, base, project, outcome)
    repro.linger(stage, rng.uniform(0, base.seconds[stage]))
    if repro.send(signal.SIGKILL):
        outcome.tries += 1
        repro.finish()
        outcome.happened[f"killed in {repro.stage}"] += 1
        show(f"killed in {repro.stage}", repro.output)
        inspect(project, outcome, repro.stage, gone)
    repro.finish()
    for line in repro.output.splitlines():
        if NOTABLE.search(line):
            outcome.happened[quote(line)] += 1
    return set(list_stages_run(repro.output))


def start_until(stage: str, base: Base, project: Path, outcome: Outcome) -> Repro:
    """Starts a run and waits until a stage begins, after what an earlier fault makes necessary."""
    while not (repro := Repro(project, *base.targets)).wait_for(stage) and repro.finish():
        if not note_failure(project, repro.output, outcome):
            break
    return repro


def kill_workers(
    base: Base,
    folder: Path,
    rng: random.Random,
    tries: int = 14,
    stages: Sequence[str] = SCENARIOS,
) -> Outcome:
    """Kills one of two processes that train: the stage begins its run again, and no other."""
    outcome, project = Outcome("worker"), copy_project(base, folder)
    change_params(project, {"execution": {"workers": 2}})
    while outcome.tries < tries:
        stage = rng.choice(stages)
        repro = start_training(project, stage)
        if workers := wait_for_workers(repro):
            repro.linger(stage, rng.uniform(0, base.seconds[stage] / 2))
            with suppress(psutil.NoSuchProcess):
                rng.choice(workers).kill()
                outcome.tries += 1
                outcome.happened[f"killed in {stage}"] += 1
        outcome.lost += end_training(repro, stage, base, project)
    remove(project.parent)
    return outcome


def kill_stages(
    base: Base,
    folder: Path,
    rng: random.Random,
    tries: int = 14,
    stages: Sequence[str] = SCENARIOS,
) -> Outcome:
    """Kills a stage that trains in two processes, and neither these nor DVC: they end by
    themselves, and what was finished is not done again.
    """
    outcome, project = Outcome("stage"), copy_project(base, folder)
    change_params(project, {"execution": {"workers": 2}})
    while outcome.tries < tries:
        stage = rng.choice(stages)
        repro = start_training(project, stage)
        workers = wait_for_workers(repro)
        repro.linger(stage, rng.uniform(0, base.seconds[stage]))
        parents = [process for process in list_processes(repro) if is_stage(process, stage)]
        if workers and parents:
            parents[0].kill()
            outcome.tries += 1
            _, alive = psutil.wait_procs(workers, timeout=10)
            outcome.lost += [f"{stage}: a process goes on alone" for _ in alive]
        repro.finish()
        finished = len([*(project / KEPT).glob("*/manifest.json")])
        outcome.happened[f"{finished} runs finished"] += 1
        again = Repro(project, "--force", "--single-item", stage)
        outcome.lost += end_training(again, stage, base, project)
        told = re.findall(r"(\d+) of \d+ runs were finished before", again.output)
        if told != [str(finished)] * bool(finished):
            outcome.lost.append(
                f"{stage}: {finished} runs were finished, and {told or 'none'} kept"
            )
    remove(project.parent)
    return outcome


def kill_nodes(
    base: Base,
    folder: Path,
    rng: random.Random,
    tries: int = 14,
    stages: Sequence[str] = SCENARIOS,
) -> Outcome:
    """Kills one of a cluster's two simulated machines: its runs are begun again on the other.

    Raises:
        FileNotFoundError: requirements-cluster.txt is not installed.
    """
    try:
        from ray.cluster_utils import Cluster
    except ImportError:
        raise FileNotFoundError("requirements-cluster.txt is not installed") from None
    outcome, project = Outcome("node"), copy_project(base, folder)
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False}
    )
    change_params(project, {"execution": {"cluster": cluster.address}})
    while outcome.tries < tries:
        node, stage = cluster.add_node(num_cpus=2), rng.choice(stages)
        repro = start_training(project, stage)
        repro.wait_for(stage)
        repro.linger(stage, rng.uniform(10, 10 + base.seconds[stage]))
        over = repro.process.poll() is not None
        cluster.remove_node(node)
        outcome.tries += not over
        outcome.happened[f"{stage}: {'over before' if over else 'killed'}"] += 1
        outcome.lost += end_training(repro, stage, base, project)
    cluster.shutdown()
    remove(project.parent)
    return outcome


def start_training(project: Path, stage: str) -> Repro:
    """Starts a stage that has no finished runs."""
    remove(project / KEPT)
    return Repro(project, "--force", "--single-item", stage)


def end_training(repro: Repro, stage: str, base: Base, project: Path) -> list[str]:
    """Lets a stage end: what it did not do, or not as an undisturbed run."""
    failure = [] if repro.finish() == 0 else [f"{stage}: {explain(repro.output)}"]
    return failure + compare(base, project)


def wait_for_workers(repro: Repro) -> list[psutil.Process]:
    """Waits until a run's stage has both of its processes; none where it ends without."""
    while repro.process.poll() is None:
        workers = [process for process in list_processes(repro) if is_worker(process)]
        if len(workers) == 2:
            return workers
        time.sleep(0.05)
    return []


def list_processes(repro: Repro) -> list[psutil.Process]:
    """Lists the processes that a run has started, at any depth."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(repro.process.pid).children(recursive=True)
    return []


def is_stage(process: psutil.Process, stage: str) -> bool:
    with suppress(psutil.Error):
        return f"stages.{stage}" in process.cmdline()
    return False


def is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return any("spawn_main" in part for part in process.cmdline())
    return False


def kill_at_lock(base: Base, folder: Path, rng: random.Random, tries: int = 3) -> Outcome:
    """Kills while DVC writes dvc.lock, which it does in place."""
    outcome = Outcome("lock")
    project = copy_project(base, folder)
    lock = project / "dvc.lock"
    while outcome.tries < tries:
        size, gone = lock.stat().st_size, list_missing(project)
        repro = Repro(project, "--force", "--single-item", "audit")
        while repro.process.poll() is None and lock.stat().st_size == size:
            pass
        outcome.tries += repro.send(signal.SIGKILL)
        repro.finish()
        inspect(project, outcome, "audit", gone)
        finish(base, project, outcome)
    remove(project.parent)
    return outcome


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mounts a file system of its own.

    Raises:
        subprocess.CalledProcessError: this user may not.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs"]
        subprocess.run(["mount", *options, folder], check=True, capture_output=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fills a disk but for some bytes, and returns the file to remove."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free - leave
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free)
    return filler


def fill_disk(
    base: Base, folder: Path, rng: random.Random, stages: tuple[str, ...] = ()
) -> Outcome:
    """Lets stages run out of space: at once, after some KB, amid their outputs, and after them.

    Raises:
        subprocess.CalledProcessError: this user may not mount a file system to fill.
    """
    outcome = Outcome("full_disk")
    with small_disk(400) as disk:
        project = copy_project(base, disk)
        for stage in stages or base.seconds:
            outs = tuple(list_outputs(project, stage))
            files = [name for name in base.hashes if name.startswith(outs)]
            size = sum((base.project / name).stat().st_size for name in files)
            levels = (0, 24 << 10, size // 2, size + (64 << 10))
            for leave in levels if size > 48 << 10 else levels[:2]:
                for name in files:
                    # What the cache holds already takes no space again.
                    remove(find_in_cache(project, base.project / name))
                run_full(project, stage, disk, leave, outcome)
            # For the next stage; `dvc repro` would spend minutes on what hangs on the costs.
            for name in files:
                (project / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(base.project / name, project / name)
        remove(project / outs[0])
        finish(base, project, outcome)
    return outcome


def run_full(project: Path, stage: str, disk: Path, leave: int, outcome: Outcome) -> None:
    """Runs one stage with that many bytes free, its last outputs out of the way."""
    gone = list_missing(project)
    for name in [*list_outputs(project, stage), KEPT]:
        remove(project / name)
    filler = fill(disk, leave)
    repro = Repro(project, "--force", "--single-item", stage)
    code = repro.finish()
    filler.unlink()
    outcome.tries += 1
    outcome.happened["it fits" if code == 0 else f"{stage}: {explain(repro.output)}"] += 1
    show(f"{stage}, {leave} bytes free, exit {code}", repro.output)
    inspect(project, outcome, stage, gone)
    # DVC writes both in place. A cut one would stop the next stage's run before it begins.
    if is_cut(project / "dvc.lock") or is_cut(project / ".dvc/tmp/rwlock"):
        again = Repro(project, "--force", "--single-item", stage)
        again.finish()
        note_failure(project, again.output, outcome)


def is_cut(path: Path) -> bool:
    """Tells whether a file of DVC's, YAML or JSON, was cut off while it was written."""
    try:
        return path.exists() and YAML(typ="safe").load(path) is None
    except YAMLError:
        return True


def run_two(base: Base, folder: Path, rng: random.Random, tries: int = 3) -> Outcome:
    """Starts a second run while a first one trains, and lets both end."""
    outcome = Outcome("two_at_once")
    for stage in rng.choices([name for name in TRAINING if name in base.seconds], k=tries):
        project = copy_project(base, folder)
        first = Repro(project, "--force", "--downstream", stage)
        first.wait_for(stage)
        first.linger(stage, rng.uniform(0, base.seconds[stage] / 2))
        second = Repro(project, *base.targets)
        code = second.finish()
        outcome.tries += 1
        outcome.happened[f"second ends with {code}: {explain(second.output)}"] += 1
        show(f"the second, in {stage}", second.output)
        if first.finish() != 0:
            outcome.happened[f"first fails: {explain(first.output)}"] += 1
        outcome.lost += compare(base, project)
        finish(base, project, outcome)
        remove(project.parent)
    return outcome


def interrupt(base: Base, folder: Path, rng: random.Random, tries: int = 4) -> Outcome:
    """Presses ctrl-C while a stage trains, which reaches DVC and the stage alike."""
    outcome = Outcome("ctrl_c")
    project = copy_project(base, folder)
    forget(project)
    while outcome.tries < tries:
        for stage in TRAINING:
            interrupt_in(stage, base, project, outcome, rng)
    finish(base, project, outcome)
    remove(project.parent)
    return outcome


def interrupt_in(
    stage: str, base: Base, project: Path, outcome: Outcome, rng: random.Random
) -> None:
    """Runs until somewhere in a stage, and presses ctrl-C."""
    gone = list_missing(project)
    repro = start_until(stage, base, project, outcome)
    repro.linger(stage, rng.uniform(0, base.seconds[stage]))
    began = time.monotonic()
    if repro.send(signal.SIGINT):
        code, seconds = repro.finish(), time.monotonic() - began
        outcome.tries += 1
        speed = "soon" if seconds < 10 else f"after {seconds:.0f} s"
        outcome.happened[f"ends {speed} with {code}: {explain(repro.output)}"] += 1
        show(f"ctrl-C in {repro.stage}", repro.output)
        inspect(project, outcome, repro.stage, gone)
    repro.finish()


def forbid_writing(base: Base, folder: Path, rng: random.Random) -> Outcome:
    """Runs in a checkout, or with a folder of results, that may be read only."""
    outcome = Outcome("read_only")
    # Root may write anywhere, but for this.
    prefix = ("setpriv", "--bounding-set=-dac_override,-fowner", "--inh-caps=-all")
    prefix = () if os.getuid() else prefix
    for where, stage in {
        ".": "audit",
        ".dvc": "check",
        "metrics": "audit",
        "data": "split",
    }.items():
        project = copy_project(base, folder)
        folders = [project / where, *(p for p in (project / where).rglob("*") if p.is_dir())]
        for path in folders:
            path.chmod(0o555)
        repro = Repro(project, "--force", "--single-item", stage, prefix=prefix)
        code = repro.finish()
        for path in folders:
            path.chmod(0o755)
        outcome.tries += 1
        outcome.happened[f"{where} read-only, ends with {code}: {explain(repro.output)}"] += 1
        show(f"{where} is read-only", repro.output)
        finish(base, project, outcome)
        remove(project.parent)
    return outcome


def find_in_cache(project: Path, file: Path) -> Path:
    """Finds where DVC's cache holds a file of that content."""
    digest = hashlib.md5(file.read_bytes()).hexdigest()
    return project / ".dvc/cache/files/md5" / digest[:2] / digest[2:]


def damage(path: Path, how: str) -> None:
    """Truncates a file, or turns a bit in its middle over."""
    mode, content = path.stat().st_mode, bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content[: len(content) // 2] if how == "truncated" else content)
    path.chmod(mode)


def damage_cache(base: Base, folder: Path, rng: random.Random) -> Outcome:
    """Damages files in DVC's cache and lets DVC restore the lost workspace copies from there."""
    outcome = Outcome("damaged_cache")
    pattern = r"data/pipeline/(runs/.*|images|features|backbone/.*)\.(h5|np[yz])"
    names = [name for name in base.hashes if re.fullmatch(pattern, name)]
    for how, mode in itertools.product(("truncated", "one bit"), (0o444, 0o644)):
        project, name = copy_project(base, folder), rng.choice(names)
        cached = find_in_cache(project, project / name)
        damage(cached, how)
        cached.chmod(mode)
        (project / name).unlink()
        repro = Repro(project, *base.targets)
        code, wrong = repro.finish(), compare(base, project)
        outcome.tries += 1
        said = "restored DAMAGED, in silence" if wrong and not code else explain(repro.output)
        told = list_modified(base, project, reread=True)
        if wrong and not all(name.startswith(tuple(told)) for name in wrong):
            outcome.lost.append(f"{name}: not noticed by a dvc status that reads all files again")
        seen = f"{how}, mode {mode:o}: exit {code}, {said}"
        outcome.happened[f"{seen}, ran {list_stages_run(repro.output) or 'nothing'}"] += 1
        show(f"{name} {seen}, {wrong}; named by a dvc status that reads all: {told}", repro.output)
        # The way out: nothing is taken from the cache any more.
        for lost in (
            ".dvc/cache",
            "data/pipeline/images.npy",
            "data/pipeline/runs",
            "data/pipeline/backbone",
        ):
            remove(project / lost)
        finish(base, project, outcome)
        remove(project.parent)
    return outcome


def list_modified(base: Base, project: Path, *, reread: bool = False) -> list[str]:
    """Lists what `dvc status` calls modified.

    Args:
        base: what was run.
        project: a copy of it.
        reread: whether DVC forgets what it knows of files, and so reads them all again.
    """
    with tempfile.TemporaryDirectory() as empty:
        environment = ("env", f"DVC_SITE_CACHE_DIR={empty}") if reread else ()
        status = run(project, *environment, "dvc", "status", *base.targets)
    return [line.split()[-1] for line in status.splitlines() if "modified:" in line]


def tamper(base: Base, folder: Path, rng: random.Random) -> Outcome:
    """Changes results by hand: `dvc status` names each, and `dvc repro` makes them again."""
    outcome = Outcome("tampering")
    patterns = ("metrics/.*/predictions.csv", "metrics/audit.csv", "data/pipeline/runs/.*h5")
    patterns += (
        "data/pipeline/backbone/.*npz",
        "data/pipeline/images.npy",
        "data/pipeline/runs/.*/predictions.csv",
    )
    project = copy_project(base, folder)
    for pattern in patterns:
        name = rng.choice([name for name in base.hashes if re.fullmatch(pattern, name)])
        damage(project / name, "one bit")
        outcome.tries += 1
        if not name.startswith(tuple(list_modified(base, project))):
            outcome.lost.append(f"{name}: not noticed")
        ran = ", ".join(finish(base, project, outcome)) or "nothing, but took it from the cache"
        outcome.happened[f"{name}: named by dvc status; dvc repro ran {ran}"] += 1
    remove(project.parent)
    return outcome


KINDS: dict[str, Callable[..., Outcome]] = {
    "kill": kill,
    "worker": kill_workers,
    "stage": kill_stages,
    "node": kill_nodes,
    "lock": kill_at_lock,
    "full_disk": fill_disk,
    "two_at_once": run_two,
    "ctrl_c": interrupt,
    "read_only": forbid_writing,
    "damaged_cache": damage_cache,
    "tampering": tamper,
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--kills", type=int, default=14, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="keeps the undisturbed run for the next time")
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="kind")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    killing = ("kill", "worker", "stage", "node")
    kinds = KINDS | {
        name: functools.partial(KINDS[name], tries=arguments.kills) for name in killing
    }
    with tempfile.TemporaryDirectory() as scratch:
        project = (arguments.folder or Path(scratch)) / "base"
        base = load_base(project) if project.is_dir() else make_base(project)
        print("| kind | tries | minutes | what happened | lost |\n|---|---:|---:|---|---|")
        for kind in arguments.kinds or KINDS:
            began = time.monotonic()
            try:
                outcome = kinds[kind](base, Path(scratch), random.Random(arguments.seed))
                print_row(outcome, time.monotonic() - began)
            except (subprocess.CalledProcessError, FileNotFoundError) as error:
                print(f"| {kind} | 0 | | SKIPPED: {quote(str(error))} | |", flush=True)


def show(title: str, output: str) -> None:
    """Prints what a user saw, to be judged by eye, beside the table."""
    print(f"--- {title}\n{output}", file=sys.stderr, flush=True)


def print_row(outcome: Outcome, seconds: float) -> None:
    happened = "; ".join(f"{text} ({count})" for text, count in outcome.happened.items())
    lost = "; ".join(outcome.lost) or "nothing"
    about = f"{outcome.kind} | {outcome.tries} | {seconds / 60:.1f}"
    print(f"| {about} | {happened} | {lost} |", flush=True)


if __name__ == "__main__":
    main()
