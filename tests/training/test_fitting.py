"""A run learns from train alone, keeps its best epoch, and gives the same bits twice."""

import numpy as np
import pytest

from threeway.errors import InputError
from threeway.examples.dataset import Labelled
from threeway.networks.inference import compile_network, predict
from threeway.networks.transfer import build_head
from threeway.runtime import keras, seed_everything
from threeway.training.fitting import Recipe, train, weigh_classes

pytestmark = pytest.mark.usefixtures("deterministic")

RECIPE = Recipe(
    epochs=6,
    learning_rate=0.01,
    batch_size=16,
    class_weights="none",
    early_stopping_patience=0,
    plateau_patience=2,
    plateau_factor=0.5,
)


def examples(count: int, seed: int, shuffle_labels: bool = False) -> Labelled:
    """Features whose first numbers tell the class of three."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    inputs = rng.normal(0, 0.1, (count, 1280)).astype(np.float32)
    inputs[:, :3] += 6 * np.eye(3, dtype=np.float32)[labels]
    if shuffle_labels:
        labels = rng.permutation(labels)
    names = np.arange(count).astype(str)
    return Labelled(inputs, labels, names, names)


def run(train_set: Labelled, val: Labelled, recipe: Recipe = RECIPE, seed: int = 1):
    seed_everything(seed)
    network = build_head(3, hidden_units=0, dropout=0.2)
    history = keras.callbacks.History()
    best = train(
        network,
        lambda rows, _: train_set.inputs[rows],
        train_set.labels,
        val,
        recipe,
        (seed, 1),
        [history],
    )
    return network, best, history.history


def answer(network, inputs: np.ndarray) -> np.ndarray:
    return predict(compile_network(network), inputs)


def accuracy(network, test: Labelled) -> float:
    return float((answer(network, test.inputs).argmax(axis=1) == test.labels).mean())


def test_a_run_learns_what_is_there_and_nothing_where_labels_are_shuffled():
    val, test = examples(60, 2), examples(300, 3)
    assert accuracy(run(examples(120, 1), val)[0], test) > 0.9
    nothing = run(examples(120, 1, shuffle_labels=True), examples(60, 2, shuffle_labels=True))[0]
    assert accuracy(nothing, examples(300, 3, shuffle_labels=True)) == pytest.approx(1 / 3, abs=0.1)


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    first, again, other = (run(examples(50, 1), examples(20, 2), seed=s)[0] for s in (1, 1, 2))
    test = examples(70, 3).inputs
    assert np.array_equal(answer(first, test), answer(again, test))
    assert not np.array_equal(answer(first, test), answer(other, test))


def test_the_weights_of_the_best_epoch_by_validation_loss_are_kept():
    val = examples(40, 2, shuffle_labels=True)
    network, best, history = run(examples(60, 1), val)
    assert best == int(np.argmin(history["val_loss"])) + 1
    assert best < RECIPE.epochs, "the case should be one in which the last epoch is not the best"
    labels, probabilities = val.labels, answer(network, val.inputs)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-4)


def test_early_stopping_ends_a_run_and_patience_zero_does_not():
    val = examples(40, 2, shuffle_labels=True)
    patient = Recipe(**(vars(RECIPE) | {"epochs": 30, "early_stopping_patience": 2}))
    assert len(run(examples(60, 1), val, patient)[2]["loss"]) < 30
    assert len(run(examples(60, 1), val)[2]["loss"]) == RECIPE.epochs


def test_the_learning_rate_falls_on_a_plateau_unless_switched_off():
    val = examples(40, 2, shuffle_labels=True)
    assert run(examples(60, 1), val)[2]["learning_rate"][-1] < RECIPE.learning_rate
    steady = Recipe(**(vars(RECIPE) | {"plateau_patience": 0}))
    assert "learning_rate" not in run(examples(60, 1), val, steady)[2]


def test_a_run_that_diverges_says_so_and_what_to_change():
    wild = Recipe(**(vars(RECIPE) | {"learning_rate": 1.0}))
    huge = examples(60, 1)
    huge.inputs[:] = np.nan
    with pytest.raises(InputError, match="training diverged"):
        run(huge, huge, wild)


def test_balanced_weights_give_each_class_the_same_say():
    labels = np.array([0, 0, 0, 1])
    assert weigh_classes(labels, "none").tolist() == [1, 1, 1, 1]
    weights = weigh_classes(labels, "balanced")
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights.mean() == pytest.approx(1)
