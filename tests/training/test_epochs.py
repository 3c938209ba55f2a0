"""Epochs do what Keras' fit does, in any chunks, and show every example once."""

from functools import partial

import numpy as np
import pytest

from threeway.examples.dataset import Labelled
from threeway.networks.transfer import build_head
from threeway.runtime import keras, seed_everything
from threeway.training import epochs
from threeway.training.epochs import Epochs, cut_chunks, make_ahead, shuffle

pytestmark = pytest.mark.usefixtures("deterministic")

BATCH_SIZE, NUM_EPOCHS, KEY = 16, 3, (5, 1)


@pytest.fixture
def train():
    return make_examples(53, 1)


@pytest.fixture
def val():
    return make_examples(70, 2)


def make_examples(count: int, seed: int) -> Labelled:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(0, 1, (count, 1280)).astype(np.float32)
    names = np.arange(count).astype(str)
    return Labelled(inputs, rng.integers(0, 3, count), names, names)


def build():
    seed_everything(*KEY)
    network = build_head(3, hidden_units=0, dropout=0.2)
    network.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return network


def run_epochs(train: Labelled, val: Labelled, weights: np.ndarray):
    network = build()
    work = Epochs(
        network,
        lambda rows, _: train.inputs[rows],
        train.labels,
        weights,
        val,
        BATCH_SIZE,
        KEY,
    )
    return network, [work.train(epoch) | work.validate() for epoch in range(NUM_EPOCHS)]


def test_an_epoch_is_that_of_keras_fit(train, val):
    weights = np.linspace(0.5, 1.5, len(train), dtype=np.float32)
    ours, logs = run_epochs(train, val, weights)
    theirs = build()
    for epoch in range(NUM_EPOCHS):
        order = shuffle(len(train), *KEY, epoch)
        history = theirs.fit(
            train.inputs[order],
            train.labels[order],
            sample_weight=weights[order],
            batch_size=BATCH_SIZE,
            validation_data=(val.inputs, val.labels),
            shuffle=False,
            verbose=0,
        ).history
        for name, values in history.items():
            assert logs[epoch][name] == pytest.approx(values[0], rel=1e-6), (epoch, name)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)


def test_the_size_of_chunks_changes_no_bit(train, val, monkeypatch):
    weights = np.ones(len(train), np.float32)
    whole = run_epochs(train, val, weights)
    monkeypatch.setattr(epochs, "CHUNK_BYTES", 1)  # a chunk is a batch
    cut = run_epochs(train, val, weights)
    for a, b in zip(whole[0].get_weights(), cut[0].get_weights(), strict=True):
        assert np.array_equal(a, b)
    for one, other in zip(whole[1], cut[1], strict=True):
        assert one == pytest.approx(other, rel=1e-6)


def test_every_epoch_shows_every_example_once_in_another_order_and_view():
    asked = []

    def view(rows, epoch):
        asked.append((epoch, rows))
        return np.full((len(rows), 1), epoch, np.float32)

    orders = []
    for epoch in range(2):
        order = shuffle(10, 3, 1, epoch)
        read = partial(view, epoch=epoch)
        chunks = cut_chunks(read, order, np.arange(10), np.ones(10, np.float32), 4)
        inputs, labels, _ = zip(*chunks, strict=True)
        assert [len(part) for part in labels] == [4, 4, 2]
        assert np.all(np.concatenate(inputs) == epoch)
        orders.append(np.concatenate(labels).tolist())
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
    assert orders[0] != orders[1]
    assert {epoch for epoch, _ in asked} == {0, 1}


def test_what_goes_wrong_ahead_is_raised():
    def make():
        yield 1
        raise ValueError("no more")

    made = make_ahead(make())
    assert next(made) == 1
    with pytest.raises(ValueError, match="no more"):
        next(made)


def test_chunks_are_whole_batches():
    assert epochs.count_in_chunk((1280,), 32) % 32 == 0
    assert epochs.count_in_chunk((1280,), 32) > 32
    assert epochs.count_in_chunk((5000, 5000, 3), 32) == 32
