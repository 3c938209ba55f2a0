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
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].get_legend().remove()
    # seaborn's legend has titles among its entries.
    named = [
        pair for pair in zip(handles, labels, strict=True) if pair[1] not in ("scenario", "split")
    ]
    figure.legend(*zip(*named, strict=True), loc="outside lower center", ncol=3, frameon=False)
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
        comparison: columns scenario, accuracy, accuracy_low, accuracy_high.
    """
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 1.6))
    positions = np.arange(len(comparison))[::-1]
    margins = measure_margins(comparison)
    axis.errorbar(
        comparison["accuracy"], positions, xerr=margins, fmt="none", ecolor="0.4", capsize=3
    )
    colours = sns.color_palette(PALETTE, len(comparison))
    axis.scatter(comparison["accuracy"], positions, c=colours, s=40, zorder=3)
    axis.set(yticks=positions, yticklabels=comparison["scenario"])
    axis.set(ylim=(-0.6, len(comparison) - 0.4), xlabel="test accuracy, with its 95 % interval")
    save(figure, path)


def draw_costs(path: Path, comparison: pd.DataFrame) -> None:
    """Draws test accuracy against the work an image takes, and against what is trained.

    Args:
        path: of the PNG.
        comparison: the columns that draw_accuracies takes, and the costs.
    """
    set_style()
    size = (PAGE_WIDTH, 2.6)
    figure, axes = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
    costs = {
        "multiply_adds": "multiply-adds an image (millions)",
        "trainable_parameters": "trained parameters (millions)",
    }
    margins = measure_margins(comparison)
    for axis, (column, label) in zip(axes, costs.items(), strict=True):
        for position, row in enumerate(comparison.itertuples()):
            axis.errorbar(
                getattr(row, column) / 1e6, row.accuracy, yerr=margins[:, [position]],
                fmt="o", capsize=3, label=row.scenario,
            )  # fmt: skip
        axis.set(xscale="log", xlabel=label)
        values = np.unique(comparison[column] / 1e6)
        axis.set_xticks(values, [f"{value:.3g}" for value in values])
        axis.minorticks_off()
        axis.tick_params(axis="x", rotation=30)
    axes[0].set(ylabel="test accuracy")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncol=len(labels), frameon=False)
    save(figure, path)


def measure_margins(comparison: pd.DataFrame) -> np.ndarray:
    """Measures how far the interval reaches below and above each accuracy: (2, scenarios)."""
    centre = comparison["accuracy"]
    below, above = (
        centre - comparison["accuracy_low"],
        comparison["accuracy_high"] - centre,
    )
    return np.stack([below, above])


def draw_class_scores(path: Path, classes: pd.DataFrame, most: int = 25) -> None:
    """Draws each class's F1 in each scenario, worst class last; of many classes the worst.

    Args:
        path: of the PNG.
        classes: columns scenario, class, f1.
        most: classes that one picture shows.
    """
    set_style()
    order = classes.groupby("class")["f1"].mean().sort_values(ascending=False, kind="stable")
    shown = list(order.index[-most:])
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 1.2 + 0.22 * len(shown)))
    table = classes[classes["class"].isin(shown)]
    sns.pointplot(
        table, x="f1", y="class", hue="scenario", order=shown, dodge=0.3, linestyle="none", ax=axis
    )
    few = "" if len(shown) == len(order) else f", the {most} lowest of {len(order)} classes"
    axis.set(xlabel=f"F1 on the test split{few}", ylabel="")
    sns.move_legend(
        axis, "lower center", bbox_to_anchor=(0.5, 1), ncol=3, title=None, frameon=False
    )
    save(figure, path)


def draw_reliability(path: Path, reliability: pd.DataFrame) -> None:
    """Draws how often answers are right against how sure the network was.

    Args:
        path: of the PNG.
        reliability: columns scenario, confidence, accuracy, images.
    """
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH / 2, PAGE_WIDTH / 2))
    axis.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="as sure as right")
    sns.scatterplot(
        reliability, x="confidence", y="accuracy", hue="scenario", size="images",
        sizes=(15, 120), alpha=0.8, legend="brief", ax=axis,
    )  # fmt: skip
    handles, labels = axis.get_legend_handles_labels()
    wanted = ["as sure as right", *reliability["scenario"].unique()]
    chosen = [handles[labels.index(name)] for name in wanted]
    axis.legend(chosen, wanted, loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False)
    axis.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))
    save(figure, path)


def draw_class_sizes(path: Path, counts: pd.DataFrame, most: int = 30) -> None:
    """Draws how many images each class has in each split, of many classes the smallest.

    Args:
        path: of the PNG.
        counts: one row a class, columns train, val, test.
        most: classes that one picture shows.
    """
    set_style()
    shown = counts.loc[counts.sum(axis=1).sort_values(kind="stable").index[:most]].sort_index()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 0.9 + 0.2 * len(shown)))
    shown[::-1].plot.barh(stacked=True, ax=axis, width=0.75)
    few = "" if len(shown) == len(counts) else f", the {most} smallest of {len(counts)} classes"
    axis.set(xlabel=f"images{few}", ylabel="")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncol=3, frameon=False)
    save(figure, path)


def draw_gallery(path: Path, images: np.ndarray, captions: list[str], columns: int = 4) -> None:
    """Draws images with a caption each.

    Args:
        path: of the PNG.
        images: (images, size, size, 3) uint8; none at all draws a sentence that says so.
        captions: one each.
        columns: images in a row.
    """
    set_style()
    num_rows = max(-(-len(images) // columns), 1)
    side = PAGE_WIDTH / columns
    figure, axes = plt.subplots(
        num_rows, columns, figsize=(PAGE_WIDTH, (side + 0.35) * num_rows), squeeze=False
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, caption in zip(axes.flat, images, captions, strict=False):
        axis.imshow(image)
        axis.set_title(caption, fontsize=6)
    if not len(images):
        figure.text(0.5, 0.5, "no test image is misclassified", ha="center")
    save(figure, path)
