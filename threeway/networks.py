"""The three networks, as Keras models; pixels go in as [0, 255], and scaling is inside."""

from threeway.backbone import Weights
from threeway.mobilenet import LAYER_NAMES, NUM_FEATURES
from threeway.runtime import keras

layers = keras.layers


def scale_pixels(pixel_range: list[int]) -> layers.Layer:
    """Maps [0, 255] to a range; that of MobileNetV2's ImageNet weights is [-1, 1]."""
    low, high = pixel_range
    return layers.Rescaling((high - low) / 255, offset=low, name="scale")


def build_baseline_cnn(
    size: int,
    pixel_range: list[int],
    num_classes: int,
    filters: list[int],
    dense_units: int,
    dropout: float,
) -> keras.Model:
    """Builds the CNN from scratch: (batch, size, size, 3) to (batch, num_classes).

    One block for each entry of filters: 3 x 3 convolution, ReLU, 2 x 2 max pooling. Then a
    dense layer with dropout, and softmax.
    """
    stack = [keras.Input((size, size, 3), name="image"), scale_pixels(pixel_range)]
    for block, num_filters in enumerate(filters, 1):
        stack.append(
            layers.Conv2D(num_filters, 3, padding="same", activation="relu", name=f"conv_{block}")
        )
        stack.append(layers.MaxPooling2D(2, name=f"pool_{block}"))
    stack += [
        layers.Flatten(name="flatten"),
        layers.Dense(dense_units, activation="relu", name="dense"),
        layers.Dropout(dropout, name="dropout"),
        layers.Dense(num_classes, activation="softmax", name="probabilities"),
    ]
    return keras.Sequential(stack, name="baseline_cnn")


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


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Puts a head on a backbone: (batch, size, size, 3) to (batch, num_classes)."""
    image = keras.Input(backbone.input.shape[1:], name="image")
    return keras.Model(image, head(backbone(image)), name="mobilenet_v2")


def unfreeze(backbone: keras.Model, first_layer: str) -> None:
    """Lets the named layer and all behind it train, except BatchNormalization.

    BatchNormalization that trains, or only updates its statistics, on a few hundred images
    forgets what ImageNet taught it.
    """
    mobilenet = next(layer for layer in backbone.layers if isinstance(layer, keras.Model))
    trainable = set(LAYER_NAMES[LAYER_NAMES.index(first_layer) :])
    mobilenet.trainable = True
    for layer in mobilenet.layers:
        is_norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = layer.name in trainable and not is_norm


def list_layers(model: keras.Model) -> list[dict]:
    """Lists each layer, those of models inside included: layer, type, output shape, parameters."""
    rows = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            rows += list_layers(layer)
        elif not isinstance(layer, layers.InputLayer):
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
        elif isinstance(layer, layers.DepthwiseConv2D):
            _, height, width, channels = layer.output.shape
            total += height * width * channels * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, layers.Conv2D | layers.Dense):
            positions = 1
            for side in layer.output.shape[1:-1]:
                positions *= side
            total += positions * int(layer.kernel.shape.num_elements())
    return total
