"""Networks that only run, by LiteRT: on all cores, with the same bits on any number of them. No
TensorFlow.

TensorFlow takes twice as long for them (`python -m benchmarks.tried`), and cuts its sums up by the
number of its threads. Here each core has an interpreter of its own, which takes one example after
another, so that neither cores nor batches make a difference. It computes on the processor, also
where there is a GPU.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import joblib
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from threeway.muting import muted_stderr

# (examples, ...) to (examples, outputs) float32.
Apply = Callable[[np.ndarray], np.ndarray]


def open_frozen(model: bytes, threads: int | None = None) -> Apply:
    """Opens a LiteRT model: its answers.

    Args:
        model: takes one example, and gives one output.
        threads: cores to use; all of this machine's without it. No bit depends on it.
    """
    threads = threads or joblib.cpu_count()
    pool, idle = ThreadPoolExecutor(threads), SimpleQueue()
    with muted_stderr():  # each says that it uses XNNPACK
        for _ in range(threads):
            idle.put(open_interpreter(model))

    def answer_each(examples: np.ndarray) -> np.ndarray:
        interpreter = idle.get()
        try:
            return np.stack([answer(interpreter, example) for example in examples])
        finally:
            idle.put(interpreter)

    def apply(batch: np.ndarray) -> np.ndarray:
        parts = np.array_split(batch, min(threads, len(batch)))
        return np.concatenate([*pool.map(answer_each, parts)])

    return apply


def open_interpreter(model: bytes) -> Interpreter:
    interpreter = Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def answer(interpreter: Interpreter, example: np.ndarray) -> np.ndarray:
    """Runs one example, of any type of number: float32."""
    [given], [made] = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], example[None].astype(given["dtype"], copy=False))
    interpreter.invoke()
    return interpreter.get_tensor(made["index"])[0]
