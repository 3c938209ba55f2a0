"""What benchmarks.speed measured, as JSON, table and picture."""

import json
from pathlib import Path
from statistics import median

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from statsmodels.stats.proportion import proportion_confint

from threeway.reading.markup import align_table
from threeway.reading.printing import PAGE_WIDTH, PALETTE, save, set_style
from threeway.reading.tables import format_interval, format_percent

# One run of one contender: its value, in the task's unit, and whatever else was measured.
Run = dict


def summarise(task: str, result: dict) -> list[dict]:
    """Sums a task up, a row for each contender; ratios are to the first one."""
    first = next(iter(result["runs"].values()))
    alone = len(result["runs"]) == 1 or result.get("unrelated")
    rows = []
    for name, runs in result["runs"].items():
        values = [run["value"] for run in runs]
        ratios = [run["value"] / base["value"] for run, base in zip(runs, first, strict=True)]
        memory = [run["peak_megabytes"] for run in runs if "peak_megabytes" in run]
        guesses = [run["extrapolated_from"] for run in runs if "extrapolated_from" in run]
        rows.append(
            {
                "task": task,
                "contender": name,
                "unit": result["unit"],
                "median": median(values),
                "low": min(values),
                "high": max(values),
                "ratio": None if alone else median(ratios),
                "peak_megabytes": max(memory, default=None),
                "extrapolated_from": guesses[0] if guesses else None,
                "num_measured": len(runs) - len(guesses),
                "of_folds": runs[0].get("of_folds"),
                "accuracy": estimate_accuracies(runs[0]),
            }
        )
    return rows


def estimate_accuracies(run: Run) -> dict[str, tuple[float, float, float]]:
    """Estimates test accuracy and its 95 % interval of each scenario that was trained in full."""
    return {
        name: (correct / tested, *proportion_confint(correct, tested, method="wilson"))
        for name, (correct, tested) in run.get("answers", {}).items()
    }


def format_rows(rows: list[dict]) -> str:
    """Writes the rows as a Markdown table."""

    def format_accuracies(found: dict) -> str:
        texts = [
            f"{format_percent(mean)} ({format_interval(*ends)})" for mean, *ends in found.values()
        ]
        return "; ".join(texts) or "-"

    return align_table(
        pd.DataFrame(
            {
                "task": row["task"],
                "contender": row["contender"],
                "median": format_value(row["median"]),
                "unit": row["unit"],
                "range": f"{format_value(row['low'])} to {format_value(row['high'])}",
                "ratio": "-" if row["ratio"] is None else f"{row['ratio']:.2f}",
                "peak MB": "-" if row["peak_megabytes"] is None else f"{row['peak_megabytes']:.0f}",
                "how": describe_method(row),
                "test accuracy, %": format_accuracies(row["accuracy"]),
            }
            for row in rows
        )
    )


def format_value(value: float) -> str:
    """Rounds to three digits, or to whole numbers."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def describe_method(row: dict) -> str:
    """Says what of a contender's time was measured."""
    how = "measured"
    if row["extrapolated_from"]:
        how = f"extrapolated from {' and '.join(map(str, row['extrapolated_from']))} epochs"
        if row["num_measured"]:
            how = f"{row['num_measured']} measured, others {how}"
    return how if not row["of_folds"] else "{} of {} folds, {}".format(*row["of_folds"], how)


def explain(results: dict[str, dict]) -> str:
    """Says what each task is and what the columns are."""
    tasks = "\n".join(f"- {name}: {result['about']}" for name, result in results.items())
    return (
        f"{tasks}\n\nRatio: to the task's first row, the median over rounds. Peak MB: of the "
        "largest process, or where it says so of all together. Accuracy: with its 95 % interval, "
        "of the folds that were measured, where every epoch ran; several scenarios are in the "
        "order of the pipeline."
    )


def draw(path: Path, rows: list[dict]) -> None:
    """Draws a row of bars for each task; paler bars are extrapolated."""
    set_style()
    tasks = {row["task"]: [r for r in rows if r["task"] == row["task"]] for row in rows}
    heights = [len(group) + 1.2 for group in tasks.values()]
    figure, axes = plt.subplots(
        len(tasks), 1, figsize=(PAGE_WIDTH, 0.26 * sum(heights)), squeeze=False,
        height_ratios=heights, layout="constrained",
    )  # fmt: skip
    colours = sns.color_palette(PALETTE)
    for axis, (task, group) in zip(axes[:, 0], tasks.items(), strict=True):
        values = [row["median"] for row in group]
        pale = [0.45 if is_extrapolated(row) else 1.0 for row in group]
        others = [row["ratio"] is not None and row is not group[0] for row in group]
        colour = [(*colours[other], alpha) for other, alpha in zip(others, pale, strict=True)]
        bars = axis.barh([row["contender"] for row in group], values, color=colour)
        axis.bar_label(bars, [label_bar(row) for row in group], padding=3, fontsize=6)
        axis.set_title(f"{task}, {group[0]['unit']}", fontsize=8, loc="left")
        axis.set_xlim(0, 1.6 * max(values))
        axis.invert_yaxis()
        axis.grid(visible=False)
        axis.tick_params(labelsize=7)
    save(figure, path)


def is_extrapolated(row: dict) -> bool:
    return bool(row["extrapolated_from"] or row["of_folds"])


def label_bar(row: dict) -> str:
    ratio = f" ({row['ratio']:.2g} times)" if row["ratio"] not in (None, 1) else ""
    mark = ", extrapolated" if is_extrapolated(row) else ""
    return f"{format_value(row['median'])}{ratio}{mark}"


def write_report(results: dict[str, dict], out: Path | None) -> None:
    """Prints the table and, where told to, writes JSON, Markdown and picture."""
    rows = [row for name, result in results.items() for row in summarise(name, result)]
    text = f"{format_rows(rows)}\n\n{explain(results)}\n"
    print(f"\n{text}")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
        out.with_suffix(".md").write_text(text)
        draw(out.with_suffix(".png"), rows)
