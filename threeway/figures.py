"""Pictures for print: seaborn, 300 dots an inch, colours that colour-blind readers tell apart."""

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

PALETTE = "colorblind"
# Inches: a page of A4 between its margins.
PAGE_WIDTH = 6.3


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG whose bytes depend on nothing but the picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=300, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)


def set_style() -> None:
    matplotlib.use("Agg")
    sns.set_theme(context="paper", style="whitegrid", palette=PALETTE)


def draw_samples(
    path: Path, images: np.ndarray, index: pd.DataFrame, per_class: int = 6, max_classes: int = 20
) -> None:
    """Draws a row of training images for each class, the first classes only where there are many.

    Args:
        path: of the PNG.
        images: (images, size, size, 3) uint8.
        index: what these images are.
        per_class: images in a row.
        max_classes: rows.
    """
    train = index[index["split"] == "train"]
    shown = [(name, rows.index[:per_class]) for name, rows in train.groupby("class")][:max_classes]
    grid = np.full((len(shown), per_class, *images.shape[1:]), 255, np.uint8)
    for row, (_, indices) in enumerate(shown):
        grid[row, : len(indices)] = images[indices]
    draw_grid(path, grid, row_titles=[name for name, _ in shown])


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


def draw_learning_curves(path: Path, curves: pd.DataFrame) -> None:
    """Draws accuracy and loss by epoch: mean over seeds, with a band from lowest to highest.

    Args:
        path: of the PNG.
        curves: columns scenario, seed, epoch, split, quantity, value.
    """
    set_style()
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.8), layout="constrained")
    for axis, quantity in zip(axes, ["accuracy", "loss"], strict=True):
        sns.lineplot(
            curves[curves["quantity"] == quantity],
            x="epoch", y="value", hue="scenario", style="split", style_order=["val", "train"],
            errorbar=("pi", 100), legend=axis is axes[0], ax=axis,
        )  # fmt: skip
        axis.set(ylabel=quantity)
        axis.xaxis.get_major_locator().set_params(integer=True)
    sns.move_legend(axes[0], "upper left", bbox_to_anchor=(0, -0.2), ncol=2, frameon=False)
    save(figure, path)


def draw_confusions(path: Path, confusion: pd.DataFrame, classes: list[str]) -> None:
    """Draws the scenarios' confusion matrices side by side, as shares of the actual class.

    Args:
        path: of the PNG.
        confusion: columns scenario, actual, predicted, share.
        classes: class names, in the order of rows and columns.
    """
    set_style()
    scenarios = list(confusion["scenario"].unique())
    figure, axes = plt.subplots(
        1, len(scenarios), figsize=(PAGE_WIDTH, PAGE_WIDTH / len(scenarios) + 0.4), sharey=True
    )
    for axis, scenario in zip(axes, scenarios, strict=True):
        table = confusion[confusion["scenario"] == scenario]
        matrix = table.pivot(index="actual", columns="predicted", values="share")
        sns.heatmap(
            matrix.loc[classes, classes], vmin=0, vmax=1, cmap="Blues", square=True, cbar=False,
            annot=len(classes) <= 6, fmt=".2f", annot_kws={"size": 6}, ax=axis,
            xticklabels=True, yticklabels=True,
        )  # fmt: skip
        axis.set(title=scenario, xlabel="predicted", ylabel="actual" if axis is axes[0] else "")
        axis.tick_params(labelsize=6 if len(classes) <= 20 else 3)
    save(figure, path)


def draw_accuracies(path: Path, comparison: pd.DataFrame) -> None:
    """Draws each scenario's test accuracy with its 95 % interval.

    Args:
        path: of the PNG.
        comparison: columns scenario, test_accuracy, test_accuracy_low, test_accuracy_high.
    """
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 1.6))
    centre = comparison["test_accuracy"]
    margins = [centre - comparison["test_accuracy_low"], comparison["test_accuracy_high"] - centre]
    positions = np.arange(len(comparison))[::-1]
    axis.errorbar(centre, positions, xerr=margins, fmt="none", ecolor="0.4", capsize=3, zorder=1)
    axis.scatter(centre, positions, c=sns.color_palette(PALETTE, len(comparison)), s=40, zorder=2)
    axis.set(
        yticks=positions, yticklabels=comparison["scenario"], ylim=(-0.6, len(comparison) - 0.4)
    )
    axis.set(xlabel="test accuracy, with its 95 % interval")
    save(figure, path)
