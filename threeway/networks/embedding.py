"""Layers that only run, over images and over views of them: here on all cores, or on a cluster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from threeway.examples.arrays import Rows
from threeway.examples.augmentation import Recipe, View, make_view
from threeway.execution.cluster import Cluster
from threeway.networks.inference import fill, slice_batches
from threeway.networks.interpreter import open_frozen
from threeway.progress import Listener
from threeway.runtime import pin_threads

# Memory of a cluster's machine for a batch; TensorFlow, which makes the views, takes most of it.
NUM_BYTES = 2**30


@dataclass(frozen=True)
class Images:
    """Images, and how views of them are made.

    Attributes:
        pixels: (images, size, size, 3) uint8.
        digests: (images,) sha256 of each image's pixels, as hex.
        recipe: how far each part of an augmentation goes at most.
    """

    pixels: np.ndarray | Rows
    digests: np.ndarray
    recipe: Recipe

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, rows: slice) -> "Images":
        """Reads some of them."""
        return Images(self.pixels[rows], self.digests[rows], self.recipe)

    def show(self, view: View | None) -> np.ndarray:
        """Shows them in a view, or as they are: (images, size, size, 3), [0, 255]."""
        if view is None:
            return self.pixels[:]
        return make_view(self.recipe, self.pixels[:], self.digests, view)


def embed(
    model: bytes,
    images: Images,
    outputs: Mapping[View | None, np.ndarray],
    cluster: Cluster | None,
    threads: int,
    listener: Listener,
) -> None:
    """Runs layers over views of images, and fills in what comes out. No bit depends on where.

    Args:
        model: of litert.convert.
        images: one or more.
        outputs: by view, None for images as they are: (images, ...) float32.
        cluster: whose machines do it; this one, on all its cores, without it.
        threads: cores that a batch keeps busy on a cluster's machine, as many as whatever else its
            process is to do: TensorFlow cannot change their number.
        listener: hears of each batch of a view.
    """
    slices = slice_batches(len(images))
    if cluster is None:
        apply = open_frozen(model)
        for view, output in outputs.items():
            fill(output, apply, lambda rows, view=view: images.take(rows).show(view), listener)
        return
    chunks = ((images.take(rows), [*outputs], threads) for rows in slices)
    made = cluster.map_chunks(embed_views, chunks, threads, NUM_BYTES, shared=model)
    for rows, embedded in zip(slices, made, strict=True):
        for output, part in zip(outputs.values(), embedded, strict=True):
            output[rows] = part
        listener.advance(len(outputs))


def embed_views(
    model: bytes, images: Images, views: Iterable[View | None], threads: int
) -> list[np.ndarray]:
    """Runs layers over each view of a batch, on a machine of a cluster."""
    pin_threads(threads)
    apply = open_once(model, threads)
    return [apply(images.show(view)) for view in views]


open_once = cache(open_frozen)
