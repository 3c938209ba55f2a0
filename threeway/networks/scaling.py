"""Pixels scaled inside the networks, so that nobody who uses one can forget it."""

from threeway.runtime import keras


def scale_pixels(pixel_range: list[int]) -> keras.layers.Layer:
    """Maps [0, 255] to a range; that of MobileNetV2's ImageNet weights is [-1, 1]."""
    low, high = pixel_range
    return keras.layers.Rescaling((high - low) / 255, offset=low, name="scale")
