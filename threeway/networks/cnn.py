"""The CNN that is trained from scratch; pixels go in as [0, 255]."""

from threeway.networks.scaling import scale_pixels
from threeway.runtime import keras

layers = keras.layers


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
