"""From a scenario and its settings to a network: the one place that knows how."""

from threeway.networks.cnn import build_baseline_cnn
from threeway.networks.transfer import build_backbone, build_head, join, unfreeze
from threeway.networks.weights import Weights
from threeway.runtime import keras
from threeway.settings import Settings


def build_trained(
    scenario: str, settings: Settings, num_classes: int, weights: Weights | None = None
) -> keras.Model:
    """Builds the part of a scenario's network that training changes, and that a run keeps.

    The CNN; for feature_extraction the head, on features; for fine_tuning all of MobileNetV2, of
    which the layers train that its settings name.

    Args:
        scenario: its name.
        settings: `image` and the scenario's own; for fine_tuning also feature_extraction's.
        num_classes: of the images.
        weights: of the backbone, where training starts; without them its weights are random.
    """
    image = settings.image
    if scenario == "baseline_cnn":
        cnn = settings.baseline_cnn
        return build_baseline_cnn(
            image.resolution,
            image.pixel_range,
            num_classes,
            cnn.filters,
            cnn.dense_units,
            cnn.dropout,
        )
    recipe = settings.feature_extraction
    head = build_head(num_classes, recipe.hidden_units, recipe.dropout)
    if scenario == "feature_extraction":
        return head
    backbone = build_backbone(image.resolution, image.pixel_range, weights or {})
    unfreeze(backbone, settings.fine_tuning.unfreeze_from)
    return join(backbone, head)


def complete(
    scenario: str, settings: Settings, trained: keras.Model, weights: Weights | None
) -> keras.Model:
    """Completes what build_trained built to a network from (batch, size, size, 3) in [0, 255] to
    (batch, num_classes).

    Args:
        scenario: its name.
        settings: `image`.
        trained: the part that a run keeps.
        weights: of the backbone, which only needs_backbone asks for.
    """
    if not needs_backbone(scenario):
        return trained
    backbone = build_backbone(settings.image.resolution, settings.image.pixel_range, weights)
    return join(backbone, trained)


def needs_backbone(scenario: str) -> bool:
    """Tells whether what a run keeps is not all of the network."""
    return scenario == "feature_extraction"
