"""What a network costs: counts by hand, and times that are of each network in turn."""

import pytest

from threeway.model.cost import BATCHES, average_counts, count_cost, measure_latencies
from threeway.networks.cnn import build_baseline_cnn
from threeway.networks.transfer import build_head, join
from threeway.runtime import keras

pytestmark = pytest.mark.usefixtures("deterministic")


def build_cnn() -> keras.Model:
    return build_baseline_cnn(8, [-1, 1], 3, filters=[2], dense_units=4, dropout=0.5)


def test_counts_by_hand(tmp_path):
    weights = tmp_path / "seed-1.weights.h5"
    weights.write_bytes(b"x" * 99)
    found = count_cost(build_cnn(), weights)
    # Kernel and bias of two filters, of 4 x 4 x 2 inputs to 4 units, and of 4 to 3.
    parameters = (3 * 3 * 3 * 2 + 2) + (32 * 4 + 4) + (4 * 3 + 3)
    assert found == {
        "parameters": parameters,
        "trainable_parameters": parameters,
        "multiply_adds": 8 * 8 * 3 * 3 * 3 * 2 + 32 * 4 + 4 * 3,
        "weight_bytes": 99,
    }


def test_what_is_frozen_is_not_trained(tmp_path):
    (tmp_path / "w").write_bytes(b"")
    start = keras.Input((4,), name="image")
    frozen = keras.Model(start, keras.layers.Dense(1280)(start), name="backbone")
    frozen.trainable = False
    network = join(frozen, build_head(3, hidden_units=0, dropout=0.0))
    found = count_cost(network, tmp_path / "w")
    assert found["trainable_parameters"] == 1280 * 3 + 3
    assert found["parameters"] == found["trainable_parameters"] + 5 * 1280


def test_every_network_is_timed_at_every_batch():
    found = measure_latencies({"a": build_cnn(), "b": build_cnn()})
    assert list(found) == ["a", "b"]
    for times in found.values():
        assert list(times) == [str(batch) for batch in BATCHES]
        assert all(0 < time["low"] <= time["median"] <= time["high"] for time in times.values())


def test_counts_of_networks_of_several_sizes_are_means_to_the_unit():
    small = {"parameters": 10, "trainable_parameters": 5, "multiply_adds": 100, "weight_bytes": 40}
    large = {"parameters": 21, "trainable_parameters": 6, "multiply_adds": 300, "weight_bytes": 80}
    assert average_counts([small]) == small | {"networks": 1}
    assert average_counts([small, small]) == small | {"networks": 1}
    assert average_counts([small, large, small]) == {
        "parameters": 14,
        "trainable_parameters": 5,
        "multiply_adds": 167,
        "weight_bytes": 53,
        "networks": 2,
    }
    # Of one size, of which other layers train.
    assert average_counts([small, small | {"trainable_parameters": 7}])["networks"] == 2
    found = average_counts([small, large])
    assert all(type(count) is int for count in found.values())
