"""Pictures of images in rows and columns. The charts are elsewhere: these wait for pixels."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from threeway.examples.arrays import Rows
from threeway.reading.captions import label_classes
from threeway.reading.printing import PAGE_WIDTH, save, set_style


def draw_samples(
    path: Path,
    images: np.ndarray | Rows,
    labels: np.ndarray,
    classes: list[str],
    per_class: int = 6,
    max_classes: int = 9,
) -> None:
    """Draws a row of images for each class, the first classes only where there are many.

    Args:
        path: of the PNG.
        images: (images, size, size, 3) uint8, an array or Rows.
        labels: (images,) int, an index into classes.
        classes: class names.
        per_class: images in a row.
        max_classes: rows; nine and a caption fill a page of A4.
    """
    num_rows = min(len(classes), max_classes)
    grid = np.full((num_rows, per_class, *images.shape[1:]), 255, np.uint8)
    for label, row in enumerate(grid):
        chosen = np.flatnonzero(labels == label)[:per_class]
        row[: len(chosen)] = images[chosen]
    draw_grid(path, grid, row_titles=label_classes(classes)[:max_classes])


def draw_views(path: Path, images: np.ndarray, views: np.ndarray) -> None:
    """Draws augmented views beside the image that they come from.

    Args:
        path: of the PNG.
        images: (rows, size, size, 3) uint8.
        views: (rows, views, size, size, 3) in [0, 255].
    """
    grid = np.concatenate([images[:, None], views.astype(np.uint8)], axis=1)
    titles = ["image", *(f"view {number}" for number in range(1, grid.shape[1]))]
    draw_grid(path, grid, column_titles=titles)


def draw_grid(
    path: Path,
    grid: np.ndarray,
    row_titles: list[str] | None = None,
    column_titles: list[str] | None = None,
) -> None:
    """Draws a grid of images: (rows, columns, size, size, 3) uint8."""
    set_style()
    num_rows, num_columns = grid.shape[:2]
    side = PAGE_WIDTH / num_columns
    figure, axes = plt.subplots(
        num_rows, num_columns, figsize=(PAGE_WIDTH, side * num_rows), squeeze=False
    )
    for (row, column), axis in np.ndenumerate(axes):
        axis.imshow(grid[row, column])
        axis.set(xticks=[], yticks=[])
        sns.despine(ax=axis, left=True, bottom=True)
    for axis, title in zip(axes[:, 0], row_titles or [], strict=False):
        axis.set_ylabel(title, rotation=0, ha="right", va="center")
    for axis, title in zip(axes[0], column_titles or [], strict=False):
        axis.set_title(title)
    save(figure, path)


def draw_gallery(path: Path, images: np.ndarray, captions: list[str], columns: int = 4) -> None:
    """Draws images with a caption each.

    Args:
        path: of the PNG.
        images: (images, size, size, 3) uint8; none at all draws a sentence that says so.
        captions: one each, of at most four lines.
        columns: images in a row.
    """
    set_style()
    num_rows = max(-(-len(images) // columns), 1)
    side, for_caption = PAGE_WIDTH / columns, 0.5
    size = (PAGE_WIDTH, (side + for_caption) * num_rows)
    figure, axes = plt.subplots(num_rows, columns, figsize=size, squeeze=False)
    # No margins: a caption is as wide as its image may be.
    space = {"wspace": 0.08, "hspace": for_caption / side}
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1, **space)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, caption in zip(axes.flat, images, captions, strict=False):
        axis.imshow(image)
        axis.set_title(caption, fontsize=5.5)
    if not len(images):
        figure.text(0.5, 0.5, "no image is misclassified", ha="center")
    save(figure, path)
