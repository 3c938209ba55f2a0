"""Charts for print; accuracies, F1 and shares in percent, as in every table."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from threeway.evidence.growth import Curve
from threeway.reading.captions import MOST_NAMED, label_classes
from threeway.reading.printing import PAGE_WIDTH, PALETTE, save, set_style

# Classes up to which a confusion matrix has the shares in it.
MOST_ANNOTATED = 6


def draw_learning_curves(path: Path, curves: pd.DataFrame) -> None:
    """Draws accuracy and loss by epoch: mean over runs, with a band from lowest to highest.

    Args:
        path: of the PNG.
        curves: columns scenario, fold, seed, epoch, split, quantity, value.
    """
    set_style()
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.8), layout="constrained")
    share = curves["quantity"] == "accuracy"
    curves = curves.assign(value=curves["value"].where(~share, 100 * curves["value"]))
    for axis, quantity in zip(axes, ["accuracy", "loss"], strict=True):
        sns.lineplot(
            curves[curves["quantity"] == quantity],
            x="epoch", y="value", hue="scenario", style="split", style_order=["val", "train"],
            errorbar=("pi", 100), legend=axis is axes[0], ax=axis,
        )  # fmt: skip
        axis.set(ylabel="accuracy, %" if quantity == "accuracy" else quantity)
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
    """Draws the scenarios' confusion matrices side by side, in percent of the actual class.

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
        matrix = 100 * table.pivot(index="actual", columns="predicted", values="share")
        sns.heatmap(
            matrix.loc[classes, classes], vmin=0, vmax=100, cmap="Blues", square=True, cbar=False,
            annot=len(classes) <= MOST_ANNOTATED, fmt=".0f", annot_kws={"size": 6}, ax=axis,
            xticklabels=False, yticklabels=False,
        )  # fmt: skip
        axis.set(title=scenario)
        label_cells(axis, classes)
    axes[0].set_ylabel("actual" if len(classes) <= MOST_NAMED else "actual, by number")
    save(figure, path)


def label_cells(axis: Axes, classes: list[str]) -> None:
    """Names the rows and columns of a confusion matrix; of many classes it numbers some."""
    few = len(classes) <= MOST_NAMED
    step = 10 * -(-len(classes) // 100)
    numbers = range(1, len(classes) + 1) if few else [1, *range(step, len(classes) + 1, step)]
    labels = label_classes(classes) if few else [str(number) for number in numbers]
    # A cell's middle is half a cell after its edge.
    middles = [number - 0.5 for number in numbers]
    axis.set_xticks(middles, labels, rotation=90)
    axis.set_yticks(middles, labels, rotation=0)
    axis.set(xlabel="predicted" if few else "predicted, by number", ylabel="")
    axis.tick_params(labelsize=6 if len(classes) <= MOST_NAMED / 2 else 5)


def draw_verdict(
    path: Path,
    comparison: pd.DataFrame,
    chance: float,
    differences: list[dict],
    margin: float,
    choice: str | None,
) -> None:
    """Draws what the verdict rests on: each scenario's accuracy, and how far each pair is apart.

    Args:
        path: of the PNG.
        comparison: columns scenario, accuracy, accuracy_low, accuracy_high.
        chance: the accuracy in [0, 1] of always answering the commonest class.
        differences: of each pair, as metrics/comparison.json has them.
        margin: a difference in accuracy that does not matter: a band.
        choice: the scenario to use, which is marked; None where none has learnt anything.
    """
    set_style()
    figure, axes = plt.subplots(
        1, 2, figsize=(PAGE_WIDTH, 2), width_ratios=[5, 6], layout="constrained"
    )
    draw_accuracies(axes[0], comparison, chance, choice)
    draw_differences(axes[1], differences, margin)
    save(figure, path)


def draw_accuracies(
    axis: Axes, comparison: pd.DataFrame, chance: float, choice: str | None
) -> None:
    """Draws each scenario's accuracy with its 95 % interval; chance where it is near."""
    positions = np.arange(len(comparison))[::-1]
    accuracies, margins = measure_margins(comparison)
    axis.errorbar(accuracies, positions, xerr=margins, fmt="none", ecolor="0.4", capsize=3)
    colours = sns.color_palette(PALETTE, len(comparison))
    axis.scatter(accuracies, positions, c=colours, s=40, zorder=3)
    if choice:
        chosen = list(comparison["scenario"]).index(choice)
        axis.annotate(
            "use this", (accuracies[chosen], positions[chosen]), xytext=(0, 6),
            textcoords="offset points", ha="center", va="bottom", size=7, weight="bold",
        )  # fmt: skip
    low, high = (accuracies - margins[0]).min(), (accuracies + margins[1]).max()
    if 100 * chance > low - 2 * (high - low):
        axis.axvline(100 * chance, color="0.4", linewidth=0.8, linestyle="--")
        axis.annotate(
            "chance", (100 * chance, 0), xytext=(3, 3), xycoords=axis.get_xaxis_transform(),
            textcoords="offset points", va="bottom", size=7, color="0.3",
        )  # fmt: skip
    axis.set(yticks=positions, yticklabels=comparison["scenario"])
    axis.set(ylim=(-0.5, len(comparison) - 0.3))
    axis.set_xlabel("accuracy, %, with its 95 % interval", size=8)
    axis.tick_params(labelsize=7)


def draw_differences(axis: Axes, differences: list[dict], margin: float) -> None:
    """Draws how far each pair is apart: an interval, over it what it tells, and the margin."""
    axis.axvspan(-100 * margin, 100 * margin, color="0.9", zorder=0)
    axis.axvline(0, color="0.4", linewidth=0.8)
    positions = np.arange(len(differences))[::-1]
    for position, pair in zip(positions, differences, strict=True):
        mean, low, high = (100 * pair[key] for key in ("difference", "low", "high"))
        colour = "black" if low > 0 or high < 0 else "0.5"
        axis.plot([low, high], [position] * 2, color=colour, zorder=2)
        axis.plot(mean, position, "o", color=colour, markersize=4)
        axis.annotate(
            tell(pair, margin), (0.5, position), xycoords=axis.get_yaxis_transform(),
            xytext=(0, 6), textcoords="offset points", ha="center", va="bottom", size=6.5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    axis.set(yticks=[], ylim=(-0.5, len(differences) - 0.3))
    axis.set_xlabel(f"first minus second, points (grey: up to {100 * margin:g})", size=8)
    axis.tick_params(labelsize=7)


def tell(pair: dict, margin: float) -> str:
    """Says in a few words what the interval of a pair's difference tells."""
    first, second = pair["first"], pair["second"]
    if pair["low"] > 0:
        return f"{first} is better than {second}"
    if pair["high"] < 0:
        return f"{first} is worse than {second}"
    if max(pair["high"], -pair["low"]) < margin:
        return f"{first} and {second}: less than {100 * margin:g} points"
    return f"{first} or {second}: cannot be told"


def draw_costs(path: Path, comparison: pd.DataFrame) -> None:
    """Draws accuracy against the work an image takes, and against what is trained.

    Args:
        path: of the PNG.
        comparison: the columns that draw_verdict takes, and the costs.
    """
    set_style()
    size = (PAGE_WIDTH, 2.6)
    figure, axes = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
    costs = {
        "multiply_adds": "multiply-adds an image (millions)",
        "trainable_parameters": "trained parameters (millions)",
    }
    accuracies, margins = measure_margins(comparison)
    for axis, (column, label) in zip(axes, costs.items(), strict=True):
        for position, (scenario, cost) in enumerate(
            zip(comparison["scenario"], spread_equals(comparison[column] / 1e6), strict=True)
        ):
            axis.errorbar(
                cost, accuracies[position], yerr=margins[:, [position]],
                fmt="o", capsize=3, label=scenario,
            )  # fmt: skip
        # From nought: on a logarithmic scale twice the cost looks like little.
        highest = comparison[column].max() / 1e6
        axis.set(xlabel=label, xlim=(-0.05 * highest, 1.1 * highest))
    axes[0].set(ylabel="accuracy, %")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncol=len(labels), frameon=False)
    save(figure, path)


def spread_equals(costs: pd.Series) -> np.ndarray:
    """Moves points of one cost beside each other, by 2 % of the highest: none hides another."""
    return (costs + 0.02 * costs.max() * costs.groupby(costs).cumcount()).to_numpy()


def measure_margins(comparison: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Measures the accuracies, and how far their intervals reach below and above, in percent.

    Returns:
        (scenarios,) and (2, scenarios).
    """
    columns = ["accuracy", "accuracy_low", "accuracy_high"]
    centre, low, high = 100 * comparison[columns].to_numpy().T
    return centre, np.stack([centre - low, high - centre])


def draw_search(path: Path, best: dict[str, pd.Series]) -> None:
    """Draws how well trials do, the more of them there are; without trials, that there are none.

    Args:
        path: of the PNG.
        best: of each scenario, the lowest loss on val so far, mean over folds, by the number of
            trials.
    """
    if not best:
        draw_notice(path, "Settings were not tuned (tuning.trials is 0)")
        return
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.6), layout="constrained")
    for scenario, losses in best.items():
        axis.plot(losses.index, losses, marker="o", markersize=3, label=scenario)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="trials; the first is the recipe as written", ylabel="lowest loss on val")
    figure.legend(loc="outside lower center", ncol=len(best), frameon=False)
    save(figure, path)


def draw_growths(path: Path, growths: list[dict]) -> None:
    """Draws accuracy against the number of training images, and the forecast for twice as many;
    where nothing was trained on fewer, that it was not.

    Args:
        path: of the PNG.
        growths: of metrics/comparison.json.
    """
    if not growths:
        draw_notice(path, "No scenario was trained on fewer images, and compared on test")
        return
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.8), layout="constrained")
    colours = sns.color_palette(PALETTE, len(growths))
    for number, (growth, colour) in enumerate(zip(growths, colours, strict=True)):
        points, ahead = pd.DataFrame(growth["points"]), growth["forecast"]
        # Beside each other: none hides another.
        beside = 1.02**number
        accuracies, margins = measure_margins(points.add_prefix("accuracy_").rename(
            columns={"accuracy_accuracy": "accuracy"}
        ))  # fmt: skip
        axis.errorbar(
            beside * points["trained_on"], accuracies, yerr=margins, fmt="o", capsize=3,
            color=colour, label=growth["scenario"],
        )  # fmt: skip
        if ahead["reason"] is None:
            sizes = np.geomspace(points["trained_on"].min(), ahead["trained_on"], 100)
            errors = Curve(**ahead["curve"]).error_at(sizes)
            axis.plot(sizes, 100 * (1 - errors), color=colour, linewidth=0.8)
            bounds = 100 * np.array([[ahead["accuracy"] - ahead["low"]],
                                     [ahead["high"] - ahead["accuracy"]]])  # fmt: skip
            axis.errorbar(
                beside * ahead["trained_on"], 100 * ahead["accuracy"], yerr=bounds, fmt="o",
                mfc="white", capsize=3, color=colour,
            )  # fmt: skip
    axis.set(xscale="log", xlabel="training images", ylabel="accuracy on test, %")
    sizes = sorted({round(point["trained_on"]) for growth in growths for point in growth["points"]})
    ticks = [*sizes, 2 * sizes[-1]]
    axis.set_xticks(ticks, [f"{size:,}" for size in ticks])
    axis.minorticks_off()
    figure.legend(loc="outside lower center", ncol=len(growths), frameon=False)
    save(figure, path)


def draw_notice(path: Path, text: str) -> None:
    """Draws a line of text in place of a picture of which there is nothing to show."""
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 0.4))
    axis.text(0.5, 0.5, text, ha="center", va="center", color="0.3")
    axis.set_axis_off()
    save(figure, path)


def draw_class_scores(path: Path, classes: pd.DataFrame, most: int = 25) -> None:
    """Draws each class's F1 in each scenario, worst class last; of many classes the worst.

    Args:
        path: of the PNG.
        classes: columns scenario, class, f1.
        most: classes that one picture shows.
    """
    set_style()
    names = list(classes["class"].unique())
    labels = dict(zip(names, label_classes(names), strict=True))
    order = classes.groupby("class")["f1"].mean().sort_values(ascending=False, kind="stable")
    shown = list(order.index[-most:])
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 1.2 + 0.22 * len(shown)))
    table = classes[classes["class"].isin(shown)].assign(percent=lambda rows: 100 * rows["f1"])
    sns.pointplot(
        table, x="percent", y="class", hue="scenario", order=shown, dodge=0.3, linestyle="none",
        ax=axis,
    )  # fmt: skip
    axis.set_yticks(range(len(shown)), [labels[name] for name in shown])
    few = "" if len(shown) == len(order) else f", the {most} lowest of {len(order)} classes"
    axis.set(xlabel=f"F1, %{few}", ylabel="")
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
    axis.plot([0, 100], [0, 100], color="0.6", linestyle="--", label="as sure as right")
    shares = ["confidence", "accuracy"]
    sns.scatterplot(
        reliability.assign(**100 * reliability[shares]), x="confidence", y="accuracy",
        hue="scenario", size="images", sizes=(15, 120), alpha=0.8, legend="brief", ax=axis,
    )  # fmt: skip
    handles, labels = axis.get_legend_handles_labels()
    wanted = ["as sure as right", *reliability["scenario"].unique()]
    chosen = [handles[labels.index(name)] for name in wanted]
    axis.legend(chosen, wanted, loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False)
    axis.set(xlabel="confidence, %", ylabel="accuracy, %", xlim=(0, 102), ylim=(0, 102))
    save(figure, path)


def draw_abstention(path: Path, curves: pd.DataFrame) -> None:
    """Draws how often answers are right against the share of images that are answered.

    Args:
        path: of the PNG.
        curves: columns scenario, share, accuracy.
    """
    set_style()
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.6), layout="constrained")
    for scenario, curve in curves.groupby("scenario", sort=False):
        axis.plot(100 * curve["share"], 100 * curve["accuracy"], label=scenario)
    axis.set(xlabel="images answered, the surest first, %", ylabel="accuracy, %", xlim=(0, 100))
    figure.legend(loc="outside lower center", ncol=3, frameon=False)
    save(figure, path)


def draw_rankings(
    path: Path, roc: pd.DataFrame, precision_recall: pd.DataFrame, classes: list[str]
) -> None:
    """Draws ROC and precision-recall of classes, one row of both for each scenario. Without curves,
    a notice.

    Args:
        path: of the PNG.
        roc: columns scenario, class, false_positive_rate, true_positive_rate.
        precision_recall: columns scenario, class, recall, precision.
        classes: all class names.
    """
    scenarios, shown = list(roc["scenario"].unique()), list(roc["class"].unique())
    if not shown:
        draw_notice(path, "All images are of one class: there is no rest to tell it from")
        return
    set_style()
    labels = dict(zip(classes, label_classes(classes), strict=True))
    colours = dict(zip(shown, sns.color_palette("tab10", len(shown)), strict=True))
    size = (PAGE_WIDTH, 0.5 + 2.2 * len(scenarios))
    figure, axes = plt.subplots(
        len(scenarios), 2, figsize=size, layout="constrained", sharex=True, squeeze=False
    )
    kinds = (
        (roc, "false_positive_rate", "true_positive_rate"),
        (precision_recall, "recall", "precision"),
    )
    for scenario, row in zip(scenarios, axes, strict=True):
        for axis, (curves, x, y) in zip(row, kinds, strict=True):
            own = curves[curves["scenario"] == scenario]
            for name in shown:
                curve = own[own["class"] == name]
                axis.plot(100 * curve[x], 100 * curve[y], color=colours[name], label=labels[name])
            words = (f"{text.replace('_', ' ')}, %" for text in (x, y))
            axis.set(**dict(zip(("xlabel", "ylabel"), words, strict=True)), ylim=(0, 102))
        row[0].set_title(scenario, loc="left")
    handles, texts = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower center", ncol=min(len(shown), 5),
                  frameon=False)  # fmt: skip
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
    labels = dict(zip(counts.index, label_classes(list(counts.index)), strict=True))
    shown[::-1].rename(index=labels).plot.barh(stacked=True, ax=axis, width=0.75)
    few = "" if len(shown) == len(counts) else f", the {most} smallest of {len(counts)} classes"
    axis.set(xlabel=f"images{few}", ylabel="")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncol=3, frameon=False)
    save(figure, path)
