"""Says where the time of `dvc repro` goes, and how near the heavy parts are to the machine's limit.

    python -m benchmarks.where [--images FOLDER] [--size PIXELS]

Runs the pipeline of params.yaml from an empty cache, in a copy: seconds of each stage, of its
Python's start and imports, and of training. Then it measures the most that the machine does, a
float32 matrix product and a copy in memory, and how near to that a step of each network comes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from benchmarks.checkout import ENVIRONMENT, ROOT, change_params, copy_working_tree
from benchmarks.rivals.threeway_run import run_module
from threeway.reading.markup import align_table

# What a training step does, in forward passes: forward, and the gradients of inputs and weights.
PASSES_A_STEP = 3


def time_stages(project: Path) -> dict[str, float]:
    """Runs `dvc repro` and clocks what it says: seconds by stage, what DVC does before included."""
    ends, names = [time.perf_counter()], []
    command = subprocess.Popen(
        ["dvc", "repro"], cwd=project, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    for line in command.stdout:
        if line.startswith("Running stage '"):
            names.append(line.split("'")[1])
            ends.append(time.perf_counter())
    if command.wait():
        raise RuntimeError("dvc repro failed")
    ends.append(time.perf_counter())
    return dict(zip(["(DVC begins)", *names], np.diff(ends).tolist(), strict=True))


def time_start(stage: str, repeats: int = 3) -> float:
    """Times a Python that imports a stage and does nothing: seconds, the median."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import stages.{stage}"], cwd=ROOT, check=True)
        times.append(time.perf_counter() - began)
    return median(times)


def read_training(project: Path, stage: str) -> float:
    """Reads the seconds that a stage trained or embedded for; 0 where it does neither."""
    path = project / f"data/pipeline/seconds/{stage}.json"
    if not path.is_file():
        return 0.0
    found = json.loads(path.read_text())
    return sum(found.get("seconds", found).values())


def break_down(project: Path) -> pd.DataFrame:
    """Makes a row for each stage: seconds in all, of start, of training, and of the rest."""
    rows = []
    for stage, seconds in time_stages(project).items():
        start = seconds if stage.startswith("(") else time_start(stage)
        training = read_training(project, stage)
        rest = seconds - start - training
        rows.append([stage, seconds, start, training, rest])
    rows.append(["all", *np.sum([row[1:] for row in rows], axis=0)])
    names = ["stage", "s", "start and imports", "training or embedding", "rest"]
    return pd.DataFrame(rows, columns=names)


def time_best(work: Callable[[], object], repeats: int) -> float:
    """Times the fastest of some calls, after a first one: seconds."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def measure_limits(threads: int) -> dict[str, float]:
    """Measures a float32 matrix product in TensorFlow (GFLOP/s) and a copy in memory (GB/s)."""
    from threeway.runtime import tf

    side, num_bytes = 2048, 2**28
    matrix = tf.random.stateless_normal((side, side), seed=(0, 0))
    product = time_best(lambda: tf.matmul(matrix, matrix).numpy(), 20)
    source = np.ones(num_bytes, np.uint8)
    target = np.ones_like(source)
    parts = np.array_split(np.arange(num_bytes), threads)
    slices = [slice(part[0], part[-1] + 1) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        copying = time_best(
            lambda: list(pool.map(lambda s: np.copyto(target[s], source[s]), slices)), 10
        )
    return {"GFLOP/s": 2 * side**3 / product / 1e9, "GB/s": 2 * num_bytes / copying / 1e9}


def measure_steps(size: int) -> dict[str, tuple[float, float]]:
    """Measures one batch of each heavy part: milliseconds and multiply-adds an image."""
    from benchmarks.tried import BATCH_SIZE, build_cnn, build_tuned, make_step
    from threeway.model.cost import count_multiply_adds
    from threeway.networks import transfer
    from threeway.networks.inference import compile_network
    from threeway.runtime import keras
    from threeway.settings import load_settings

    backbone = transfer.build_backbone(size, [-1, 1], {})
    first = load_settings("fine_tuning").fine_tuning.unfreeze_from
    trained = {
        "CNN, training": build_cnn(size, pool_first=False),
        "fine-tuned layers, training": build_tuned(size, whole=False),
    }
    frozen = {
        "layers below them, frozen": transfer.build_trunk(backbone, first),
        "whole backbone, frozen": transfer.build_trunk(backbone),
    }
    images = np.random.default_rng(0).random((BATCH_SIZE, size, size, 3)).astype(np.float32)
    work = {name: make_step(network, keras.optimizers.Adam) for name, network in trained.items()}
    work |= {name: partial(compile_network(network), images) for name, network in frozen.items()}
    found = {}
    for name, network in (trained | frozen).items():
        passes = PASSES_A_STEP if name in trained else 1
        milliseconds = 1e3 * time_best(work[name], 20) / BATCH_SIZE
        found[name] = (milliseconds, passes * count_multiply_adds(network))
    return found


def compare_with_limits(size: int, threads: int) -> None:
    """Prints a table of the heavy parts, as a process of its own that has its threads pinned."""
    from threeway.runtime import pin_threads

    pin_threads(threads)
    limits = measure_limits(threads)
    rows = []
    for name, (milliseconds, multiply_adds) in measure_steps(size).items():
        speed = 2 * multiply_adds / milliseconds / 1e6
        rows.append(
            {
                "part": name,
                "ms an image": f"{milliseconds:.2f}",
                "GFLOP/s": f"{speed:.0f}",
                "of the matrix product": f"{100 * speed / limits['GFLOP/s']:.0f} %",
            }
        )
    print(f"A float32 matrix product reaches {limits['GFLOP/s']:.0f} GFLOP/s, ", end="")
    print(f"a copy in memory {limits['GB/s']:.0f} GB/s. At {size} pixels:\n")
    print(align_table(pd.DataFrame(rows)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.where", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--images", type=Path, help="as data.source in params.yaml")
    parser.add_argument("--size", type=int, help="as image.resolution")
    parser.add_argument("--limits-only", action="store_true", help="leave `dvc repro` out")
    arguments = parser.parse_args()
    if arguments.limits_only:
        compare_with_limits(arguments.size or 160, threads=2)
        return
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        copy_working_tree(project)
        source = {"data": {"source": str(arguments.images.resolve())}} if arguments.images else {}
        change_params(
            project, source, {"image": {"resolution": arguments.size}} if arguments.size else {}
        )
        table = break_down(project)
    numbers = table.columns[1:]
    share = table[numbers].iloc[-1] / table["s"].iloc[-1]
    table[numbers] = table[numbers].map(lambda seconds: f"{seconds:.1f}")
    print(align_table(table))
    print(
        "\nShares: " + ", ".join(f"{name} {100 * part:.0f} %" for name, part in share[1:].items())
    )
    size = ["--size", str(arguments.size)] if arguments.size else []
    print("\n" + run_module("benchmarks.where", "--limits-only", *size).output)


if __name__ == "__main__":
    main()
