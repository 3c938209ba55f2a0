"""MobileNetV2 in the parts that transfer learning takes it in, and a head for them.

The backbone goes from pixels, as [0, 255], to features; the trunk is a copy of its lower layers, or
of all, that only runs; the top is what is left above it, and trains.
"""

from itertools import pairwise

import numpy as np

from threeway.mobilenet import LAYER_NAMES, NUM_FEATURES, find_trunk_end
from threeway.networks.scaling import scale_pixels
from threeway.networks.weights import Weights
from threeway.runtime import keras

layers = keras.layers


def build_head(num_classes: int, hidden_units: int, dropout: float) -> keras.Model:
    """Builds the head: pooled features (batch, 1280) to probabilities (batch, num_classes)."""
    stack = [keras.Input((NUM_FEATURES,), name="features")]
    if hidden_units:
        stack.append(layers.Dense(hidden_units, activation="relu", name="hidden"))
    stack += [
        layers.Dropout(dropout, name="dropout"),
        layers.Dense(num_classes, activation="softmax", name="probabilities"),
    ]
    return keras.Sequential(stack, name="head")


def build_backbone(size: int, pixel_range: list[int], weights: Weights) -> keras.Model:
    """Builds the frozen backbone: (batch, size, size, 3) in [0, 255] to (batch, 1280)."""
    mobilenet = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None, pooling="avg"
    )
    mobilenet.trainable = False
    for name, arrays in weights.items():
        mobilenet.get_layer(name).set_weights(arrays)
    image = keras.Input((size, size, 3), name="image")
    features = mobilenet(scale_pixels(pixel_range)(image), training=False)
    return keras.Model(image, features, name="backbone")


def build_trunk(backbone: keras.Model, first_layer: str | None = None) -> keras.Model:
    """Builds what of a backbone runs without being trained, in two thirds of its time.

    Its convolutions take over what the BatchNormalization behind them does, so that no pass over
    the pixels is left for it; the outputs are the backbone's up to rounding.

    Args:
        backbone: what build_backbone made.
        first_layer: the first layer that trains; the trunk ends with the last block before it.
            All of the backbone without it.

    Returns:
        (batch, size, size, 3) in [0, 255] to (batch, 1280), or to what build_top takes.
    """
    mobilenet = get_mobilenet(backbone)
    end = mobilenet.output if first_layer is None else find_seam(mobilenet, first_layer)
    part = fold_batch_norms(keras.Model(mobilenet.input, end))
    image = keras.Input(backbone.input.shape[1:], name="image")
    return keras.Model(image, part(backbone.get_layer("scale")(image)), name="trunk")


def build_top(backbone: keras.Model, first_layer: str) -> keras.Model:
    """Builds what comes after build_trunk's output, of the backbone's own layers: to (batch, 1280).

    Training it trains the backbone.
    """
    mobilenet = get_mobilenet(backbone)
    return keras.Model(find_seam(mobilenet, first_layer), mobilenet.output, name="top")


def get_mobilenet(backbone: keras.Model) -> keras.Model:
    return next(layer for layer in backbone.layers if isinstance(layer, keras.Model))


def find_seam(mobilenet: keras.Model, first_layer: str) -> keras.KerasTensor:
    """Finds the output of the last block before a layer, or the input where there is none."""
    end = find_trunk_end(first_layer)
    return mobilenet.get_layer(end).output if end else mobilenet.input


def fold_batch_norms(network: keras.Model) -> keras.Model:
    """Copies a network, with each BatchNormalization folded into the convolution before it."""
    convolutions = (layers.Conv2D, layers.DepthwiseConv2D)

    def copy_layer(layer: layers.Layer) -> layers.Layer:
        if isinstance(layer, layers.BatchNormalization):
            return layers.Identity(name=layer.name)
        bias = {"use_bias": True} if isinstance(layer, convolutions) else {}
        return type(layer).from_config(layer.get_config() | bias)

    def call(layer: layers.Layer, *inputs: keras.KerasTensor, **_: object) -> keras.KerasTensor:
        return layer(*inputs)  # without what only BatchNormalization takes

    folded = keras.models.clone_model(network, clone_function=copy_layer, call_function=call)
    for layer, norm in pairwise(network.layers):
        if isinstance(norm, layers.BatchNormalization):
            gamma, beta, mean, variance = norm.get_weights()
            factor = gamma / np.sqrt(variance + norm.epsilon)
            # The channels are a kernel's last axis or, of a depthwise one, the last but one.
            depthwise = isinstance(layer, layers.DepthwiseConv2D)
            kernel = layer.get_weights()[0] * (factor[:, None] if depthwise else factor)
            folded.get_layer(layer.name).set_weights([kernel, beta - mean * factor])
    return folded


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Puts a head on a backbone or its top: what that takes, to (batch, num_classes)."""
    start = keras.Input(backbone.input.shape[1:], name=backbone.input.name)
    return keras.Model(start, head(backbone(start)), name="mobilenet_v2")


def unfreeze(backbone: keras.Model, first_layer: str) -> None:
    """Lets the named layer and all behind it train, except BatchNormalization.

    BatchNormalization that trains, or only updates its statistics, on a few hundred images
    forgets what ImageNet taught it.
    """
    mobilenet = get_mobilenet(backbone)
    trainable = set(LAYER_NAMES[LAYER_NAMES.index(first_layer) :])
    mobilenet.trainable = True
    for layer in mobilenet.layers:
        is_norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = layer.name in trainable and not is_norm
