"""What a trained network costs to keep and to run."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from threeway.networks.inference import Apply, compile_network
from threeway.runtime import keras

# Images at once, in what is measured: one as they come, and many.
BATCHES = (1, 32)
NUM_ROUNDS = 25


def count_cost(network: keras.Model, weights: Path) -> dict[str, int]:
    """Counts what is the same on every machine: parameters, multiply-adds an image, bytes.

    Args:
        network: whole, as it was trained: what was frozen is not trainable.
        weights: the file that a run keeps.
    """
    trainable = [weight.shape for weight in network.trainable_weights]
    return {
        "parameters": network.count_params(),
        "trainable_parameters": sum(int(np.prod(shape)) for shape in trainable),
        "multiply_adds": count_multiply_adds(network),
        "weight_bytes": weights.stat().st_size,
    }


def average_counts(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """Averages the counts of networks, and says how many of them differ, as `networks`."""
    means = {key: round(np.mean([count[key] for count in counts])) for key in counts[0]}
    sizes = ("parameters", "trainable_parameters", "multiply_adds")
    return means | {"networks": len({tuple(count[key] for key in sizes) for count in counts})}


def list_layers(model: keras.Model) -> list[dict]:
    """Lists each layer, those of models inside included: layer, type, output shape, parameters."""
    rows = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            rows += list_layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            rows.append(
                {
                    "layer": layer.name,
                    "type": type(layer).__name__,
                    "output": " x ".join(map(str, layer.output.shape[1:])),
                    "parameters": layer.count_params(),
                }
            )
    return rows


def count_multiply_adds(model: keras.Model) -> int:
    """Counts the multiplications with weights that one example takes, layer by layer."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            total += count_multiply_adds(layer)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            _, height, width, channels = layer.output.shape
            total += height * width * channels * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            positions = 1
            for side in layer.output.shape[1:-1]:
                positions *= side
            total += positions * int(layer.kernel.shape.num_elements())
    return total


def measure_latencies(networks: dict[str, keras.Model]) -> dict[str, dict[str, dict]]:
    """Measures how long networks take, in turn, so that a busy moment of the machine hits all.

    Args:
        networks: by name, each from (batch, size, size, 3).

    Returns:
        By network and images at once: median, low and high (the middle four fifths), in
        milliseconds an image.
    """
    compiled = {name: compile_network(network) for name, network in networks.items()}
    found = {name: {} for name in networks}
    for batch in BATCHES:
        size = next(iter(networks.values())).input_shape[1]
        shape = (batch, size, size, 3)
        images = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
        for apply in compiled.values():
            apply(images)  # the first answer traces the network
        rounds = [[time_once(a, images) for a in compiled.values()] for _ in range(NUM_ROUNDS)]
        for name, times in zip(compiled, np.transpose(rounds) / batch, strict=True):
            low, median, high = np.quantile(times, [0.1, 0.5, 0.9])
            found[name][str(batch)] = {
                "median": float(median),
                "low": float(low),
                "high": float(high),
            }
    return found


def time_once(apply: Apply, images: np.ndarray) -> float:
    """Times one answer, in milliseconds."""
    began = time.perf_counter()
    apply(images)
    return 1000 * (time.perf_counter() - began)
