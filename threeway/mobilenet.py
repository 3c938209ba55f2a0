"""Facts about MobileNetV2 1.0 without its classifier, as Keras builds it; needs no TensorFlow.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, and
keras.applications.MobileNetV2, whose layer names these are.
"""

from itertools import pairwise

# Channels of the pooled output.
NUM_FEATURES = 1280

# Blocks that halve the image pad first; blocks that keep their shape add their input.
_BLOCKS_WITH_PAD = (1, 3, 6, 13)
_BLOCKS_WITH_ADD = (2, 4, 5, 7, 8, 9, 11, 12, 14, 15)


def _list_layers() -> list[str]:
    names = ["input_layer", "Conv1", "bn_Conv1", "Conv1_relu"]
    for block in range(17):
        # Block 0 has no expansion, and Keras calls it expanded_conv.
        prefix = f"block_{block}_" if block else "expanded_conv_"
        parts = ["expand", "expand_BN", "expand_relu"] if block else []
        parts += ["pad"] if block in _BLOCKS_WITH_PAD else []
        parts += ["depthwise", "depthwise_BN", "depthwise_relu", "project", "project_BN"]
        parts += ["add"] if block in _BLOCKS_WITH_ADD else []
        names += [prefix + part for part in parts]
    return [*names, "Conv_1", "Conv_1_bn", "out_relu"]


LAYER_NAMES = _list_layers()
LAST_CONVOLUTION = "Conv_1"


def has_weights(layer_name: str) -> bool:
    """Tells convolutions and batch normalisations from layers that only compute."""
    return not layer_name.endswith(("relu", "pad", "add", "input_layer"))


def find_trunk_end(first_layer: str) -> str | None:
    """Finds the layer that ends the last block before a layer; None within the first block.

    Only at the end of a block does all that a network knows of an image go through one layer.
    """
    names = LAYER_NAMES[: LAYER_NAMES.index(first_layer) + 1]
    ends = [name for name, following in pairwise(names) if ends_block(name, following)]
    return ends[-1] if ends else None


def ends_block(name: str, following: str) -> bool:
    """Tells a block's last layer: its sum or, where it adds nothing, its projection's norm."""
    return name.endswith("_add") or (
        name.endswith("_project_BN") and not following.endswith("_add")
    )
