"""What a LiteRT file takes on this machine, measured in a process of its own, as on a device: no
TensorFlow.

    python -m threeway.model.probe FILE

Prints JSON: bytes, load_milliseconds (from the file's name to its first answer), peak_bytes (of
the whole process, Python included; null where the system does not tell) and milliseconds, by
threads, as median, low and high (the middle four fifths).
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

THREADS = (1, 2)
NUM_WARM, NUM_ROUNDS = 5, 50
STATUS = Path("/proc/self/status")


def load(path: Path, threads: int) -> Interpreter:
    interpreter = Interpreter(model_path=str(path), num_threads=threads)
    interpreter.allocate_tensors()
    return interpreter


def time_once(interpreter: Interpreter, image: np.ndarray) -> float:
    """Times one answer, in milliseconds."""
    began = time.perf_counter()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return 1000 * (time.perf_counter() - began)


def measure_peak() -> int | None:
    """Measures the most memory that this process had, in bytes; None where Linux is not there to
    tell.
    """
    if not STATUS.is_file():
        return None
    lines = STATUS.read_text().splitlines()
    [told] = [line for line in lines if line.startswith("VmHWM")]
    return 1024 * int(told.split()[1])


def measure(path: Path) -> dict:
    """Measures a LiteRT file that takes one uint8 image."""
    found: dict = {"bytes": path.stat().st_size}
    latencies = {}
    for threads in THREADS:
        began = time.perf_counter()
        interpreter = load(path, threads)
        [given] = interpreter.get_input_details()
        image = np.random.default_rng(0).integers(0, 256, given["shape"]).astype(np.uint8)
        time_once(interpreter, image)
        if threads == THREADS[0]:
            found["load_milliseconds"] = 1000 * (time.perf_counter() - began)
            found["peak_bytes"] = measure_peak()
        times = [time_once(interpreter, image) for _ in range(NUM_WARM + NUM_ROUNDS)][NUM_WARM:]
        low, median, high = np.quantile(times, [0.1, 0.5, 0.9])
        latencies[str(threads)] = {"median": median, "low": low, "high": high}
    return found | {"milliseconds": latencies}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
