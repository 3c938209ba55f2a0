"""A trained scenario, loaded from its weights: one network from pixels to probabilities."""

from pathlib import Path

from threeway.errors import InputError
from threeway.networks.networks import build_backbone, build_baseline_cnn, build_head, join
from threeway.networks.weights import load_weights
from threeway.runtime import keras
from threeway.settings import Settings

OTHER_SETTINGS = "was trained with other settings than those of params.yaml; run 'dvc repro'"


def load_network(scenario: str, seed: int, settings: Settings, num_classes: int) -> keras.Model:
    """Builds a scenario's network with the weights of a run: (batch, size, size, 3) in [0, 255] to
    (batch, num_classes).

    Args:
        scenario: its name.
        seed: of the run.
        settings: image, baseline_cnn and feature_extraction, as it was trained with.
        num_classes: of the run.

    Raises:
        InputError: there are no such weights, they are damaged, or of another network.
    """
    path = Path("data/pipeline/models", scenario, f"seed-{seed}.weights.h5")
    if not path.is_file():
        raise InputError(
            f"there are no trained weights at {path}; run 'dvc repro', or give a --seed"
        )
    network, trained = build_scenario(scenario, settings, num_classes)
    try:
        trained.load_weights(path)
    except ValueError as error:
        raise InputError(f"{path} {OTHER_SETTINGS}") from error
    except OSError as error:
        raise InputError(f"{path} is damaged ({error}); remove it, then run 'dvc repro'") from error
    return network


def build_scenario(
    scenario: str, settings: Settings, num_classes: int
) -> tuple[keras.Model, keras.Model]:
    """Builds a scenario's network before its training: (all of it, the part whose weights a run
    keeps).
    """
    size, pixel_range = settings.image.resolution, settings.image.pixel_range
    if scenario == "baseline_cnn":
        cnn = settings.baseline_cnn
        network = build_baseline_cnn(
            size, pixel_range, num_classes, cnn.filters, cnn.dense_units, cnn.dropout
        )
        return network, network
    recipe = settings.feature_extraction
    head = build_head(num_classes, recipe.hidden_units, recipe.dropout)
    weights = load_weights(Path("data/pipeline/backbone/mobilenet_v2.npz"))
    network = join(build_backbone(size, pixel_range, weights), head)
    return network, head if scenario == "feature_extraction" else network
