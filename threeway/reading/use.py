"""Tables of what answers are good for: how sure they are, and what they take on a small device."""

import math

import pandas as pd

from threeway.evidence.formats import KEPT, LOST, UNSURE
from threeway.evidence.wording import format_signed
from threeway.reading.tables import format_interval, format_percent, format_significant

# What a format does to the accuracy, beside the margin.
WORDS = {KEPT: "kept", LOST: "lost", UNSURE: "cannot be told"}


def present_abstentions(abstentions: list[dict]) -> pd.DataFrame:
    """Rounds what abstention brings for reading: a row a share of answered images, accuracies in
    percent with their intervals.

    Args:
        abstentions: of metrics/trust.json.
    """
    rows: dict[float, dict[str, str]] = {}
    for one in abstentions:
        row = rows.setdefault(one["share"], {"answered": f"{100 * one['share']:.0f} %"})
        interval = format_interval(one["low"], one["high"])
        row[one["scenario"]] = f"{format_percent(one['accuracy'])} ({interval})"
    return pd.DataFrame([*rows.values()])


def present_ranking(ranking: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rounds one figure of the ranking for reading: a row a class, their mean last.

    Args:
        ranking: of metrics/ranking.csv.
        name: "auc" or "average_precision".
    """
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for one in ranking.to_dict("records"):
        title = one["class"] if one["of"] == "class" else "mean over classes"
        row = rows.setdefault((one["of"], one["class"]), {"class": title})
        row[one["scenario"]] = format_figure(one, name)
    return pd.DataFrame([*rows.values()])


def format_figure(row: dict, name: str) -> str:
    """Writes a figure between 0 and 1 with its interval; "-" where it is not known."""
    if math.isnan(row[name]):
        return "-"
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f})"


def present_two_classes(rows: list[dict]) -> pd.DataFrame:
    """Rounds sensitivity and specificity for reading: a row a scenario.

    Args:
        rows: of metrics/trust.json.
    """
    return pd.DataFrame(
        [
            {"scenario": row["scenario"]}
            | {
                f"{name}, %": f"{format_percent(row[name])} "
                f"({format_interval(row[f'{name}_low'], row[f'{name}_high'])})"
                for name in ("sensitivity", "specificity")
            }
            for row in rows
        ]
    )


def present_formats(formats: list[dict], costs: dict) -> pd.DataFrame:
    """Rounds what the formats of small devices take and change for reading: a row a scenario and
    format.

    Args:
        formats: of metrics/comparison.json.
        costs: content of metrics/cost.json.
    """
    rows = []
    for one in formats:
        taken = costs[one["scenario"]]["devices"][one["format"]]
        peak, times = taken["peak_bytes"], taken["milliseconds"].values()
        rows.append(
            {
                "network, format": f"{one['scenario']}, {one['format']}",
                "MB": f"{taken['bytes'] / 1e6:.2f}",
                "start, ms": f"{taken['load_milliseconds']:.0f}",
                "an image, ms": ", ".join(format_significant(one["median"]) for one in times),
                "memory, MB": "-" if peak is None else f"{peak / 1e6:.0f}",
                "accuracy, %": f"{format_percent(one['accuracy'])} "
                f"({format_interval(one['low'], one['high'])})",
                "from Keras, points": f"{format_signed(100 * one['difference'], 1, '+')} "
                f"({format_interval(one['difference_low'], one['difference_high'])})",
                "same, %": format_percent(one["same"]),
                "change": f"{one['change']:.1g}",
                "accuracy": WORDS[one["answer"]],
            }
        )
    return pd.DataFrame(rows)
