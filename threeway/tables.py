"""The comparison for readers: rounded here, and nowhere else."""

import pandas as pd


def format_percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f}"


def format_interval(low: float, high: float) -> str:
    return f"{format_percent(low)} to {format_percent(high)}"


def format_comparison(comparison: pd.DataFrame, data: dict) -> str:
    """Writes the comparison as Markdown that also reads well in a terminal.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        data: the counts of metrics/data.json.
    """
    rows = [
        {
            "scenario": row.scenario,
            "train": format_percent(row.train_accuracy),
            "val": format_percent(row.val_accuracy),
            "test": format_percent(row.test_accuracy),
            "95 % interval": format_interval(row.test_accuracy_low, row.test_accuracy_high),
            "sd": "-" if pd.isna(row.test_accuracy_sd) else format_percent(row.test_accuracy_sd),
            "macro F1": format_percent(row.macro_f1),
            "parameters": f"{row.parameters:,}",
            "trained": f"{row.trainable_parameters:,}",
        }
        for row in comparison.itertuples()
    ]
    seeds = int(comparison["seeds"].iloc[0])
    return (
        f"{align_table(pd.DataFrame(rows))}\n\n"
        f"Accuracy and F1 in %, mean of {seeds} seed{'s' if seeds > 1 else ''}, on "
        f"{data['train']} train, {data['val']} val and {data['test']} test images in "
        f"{len(data['classes'])} classes. The interval is for the test accuracy and covers the "
        f"choice of test images{' and of seeds' if seeds > 1 else ', not of the seed'}; sd is "
        "between seeds.\n"
    )


def align_table(table: pd.DataFrame) -> str:
    """Writes a Markdown table: the first column to the left, the others to the right."""
    cells = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in cells]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = [
        " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    rule = " | ".join(
        "-" * width if column == 0 else "-" * (width - 1) + ":"
        for column, width in enumerate(widths)
    )
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])
