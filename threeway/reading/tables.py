"""The comparison for readers: rounded here, and nowhere else."""

import math

import pandas as pd

from threeway.evidence.verdict import Verdict
from threeway.evidence.wording import format_signed, join
from threeway.reading.markup import MARKDOWN, align_table, escape, format_latex

# Scenarios in a table that has no room for their names.
SHORT_NAMES = {"baseline_cnn": "CNN", "feature_extraction": "frozen", "fine_tuning": "fine-tuned"}
EXPLAINED_SD = (
    "The sd is that of the accuracy between runs beyond the noise of what each is tested on: where "
    "it is 0.0, none is seen, which a few runs tell only roughly."
)
EXPLAINED_DIFFERENCES = (
    "In brackets after a difference: its interval, 95 % for the three pairs together, and p times "
    "3; whether another is better by more than the margin is told one-sided, which reaches less "
    "far."
)


def format_percent(value: float, digits: int = 1) -> str:
    return "-" if pd.isna(value) else format_signed(100 * value, digits)


def format_interval(low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high):
        return "-"
    return f"{format_percent(low)} to {format_percent(high)}"


def present_comparison(comparison: pd.DataFrame) -> pd.DataFrame:
    """Rounds the comparison for reading: accuracies and F1 in percent, one row a scenario.

    The first interval and all that follows is of the split that scenarios are judged by: the last
    of the accuracies.
    """
    rows = [
        {
            "scenario": row.scenario,
            "train": format_percent(row.train_accuracy),
            "val": format_percent(row.val_accuracy),
            **({"test": format_percent(row.accuracy)} if row.split == "test" else {}),
            "95 % interval": format_interval(row.accuracy_low, row.accuracy_high),
            "sd": format_percent(row.accuracy_sd),
            "macro F1": format_percent(row.macro_f1),
            "interval of F1": format_interval(row.macro_f1_low, row.macro_f1_high),
            "parameters": f"{row.parameters:,}",
            "trained": f"{row.trainable_parameters:,}",
        }
        for row in comparison.itertuples()
    ]
    return pd.DataFrame(rows)


def present_classes(classes: pd.DataFrame) -> pd.DataFrame:
    """Rounds the classes' figures for reading: one row a class, F1 of each scenario, in percent."""
    f1 = classes.pivot(index="class", columns="scenario", values="f1")
    scenarios = list(classes["scenario"].unique())
    support = classes.groupby("class")["support"].first()
    table = f1[scenarios].map(format_percent)
    return table.assign(images=support).reset_index().rename_axis(columns=None)


def present_class_scores(classes: pd.DataFrame) -> pd.DataFrame:
    """Rounds all figures of all classes for reading: one row a class and scenario, in percent."""
    rows = [
        {
            "class": row["class"],
            "scenario": row["scenario"],
            "precision": format_percent(row["precision"]),
            "recall": format_percent(row["recall"]),
            "95 % interval of recall": format_interval(row["recall_low"], row["recall_high"]),
            "F1": format_percent(row["f1"]),
            "images": f"{row['support']:,}",
        }
        for row in classes.sort_values(["class", "scenario"]).to_dict("records")
    ]
    return pd.DataFrame(rows)


def present_runs(runs: list[dict]) -> pd.DataFrame:
    """Rounds single runs for reading: one row a run, accuracies in percent.

    Args:
        runs: each with scenario, fold, seed, train_accuracy, val_accuracy, accuracy, epochs,
            best_epoch.
    """
    rows = [
        {
            "scenario": run["scenario"],
            "fold": run["fold"],
            "seed": run["seed"],
            "train": format_percent(run["train_accuracy"]),
            "val": format_percent(run["val_accuracy"]),
            "compared": "-" if run["accuracy"] is None else format_percent(run["accuracy"]),
            "epochs run": run["epochs"],
            "epoch kept": run["best_epoch"],
        }
        for run in runs
    ]
    return pd.DataFrame(rows)


def present_suspects(suspects: pd.DataFrame) -> pd.DataFrame:
    """Rounds suspects for reading: numbered as in their picture, in percent."""
    columns = {"given": ("given", "score"), "called": ("likely", "confidence")}
    words = {
        title: [
            f"{class_name} ({format_percent(share, 1)} %)"
            for class_name, share in zip(suspects[name], suspects[value], strict=True)
        ]
        for title, (name, value) in columns.items()
    }
    about = {"number": range(1, len(suspects) + 1), "file": suspects["image"]}
    return pd.DataFrame(about | words)


def present_left_out(data: dict) -> pd.DataFrame:
    """Tabulates what was left out of each class that lost a file, most first.

    Args:
        data: files_by_class and rejected_by_class, counts of files by class name.
    """
    rows = [
        {"class": name, "files": files, "left out": left, "%": format_percent(left / files)}
        for name, files in data["files_by_class"].items()
        if (left := data["rejected_by_class"].get(name, 0))
    ]
    rows.sort(key=lambda row: -row["left out"] / row["files"])
    return pd.DataFrame(rows, columns=["class", "files", "left out", "%"])


def set_scenarios_across(table: pd.DataFrame) -> pd.DataFrame:
    """Turns a table of few scenarios and many figures: a telephone has no room for columns."""
    turned = table.set_index("scenario").T.rename_axis(index="", columns=None)
    return turned.reset_index()


def format_latency(milliseconds: dict[str, float]) -> str:
    """Rounds a median with its 10th and 90th percentile to what repeats agree on, two digits."""
    median, low, high = (format_significant(milliseconds[key]) for key in ("median", "low", "high"))
    return f"{median} ({low} to {high})"


def format_significant(value: float, digits: int = 2) -> str:
    """Rounds to significant digits and shows all of them: 3.96 as 4.0, 0.0312 as 0.031."""
    if value == 0:
        return "0"
    # Rounded first: 9.96 has one digit before the point, and 10 has two.
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0)
    return f"{rounded:,.{decimals}f}"


def present_published(published: pd.DataFrame) -> pd.DataFrame:
    """Rounds what is set beside a paper for reading: one row a figure, ours in percent."""
    rows = [
        {
            "scenario": row.scenario,
            "figure": f"{row.figure} of {row.class_name}" if row.class_name else row.figure,
            "where": row.where,
            "published": row.published,
            "here, %": format_percent(row.reproduced),
            "95 % interval": "-" if pd.isna(row.low) else format_interval(row.low, row.high),
            "published lies": row.published_lies or "-",
        }
        for row in published.itertuples()
    ]
    return pd.DataFrame(rows)


def explain_published(citation: str, deviations: list[str]) -> str:
    """Says what a paper's figures beside ours can tell, and what not.

    Args:
        citation: of the paper.
        deviations: settings that are not the paper's, as list_deviations words them.
    """
    settings = f"but for {', '.join(deviations)}" if deviations else "as far as it gives them"
    return (
        f"Beside the figures of {citation}: the settings are the paper's {settings}; "
        "the images are those of data.source. Unless they are the paper's own, figures may differ "
        "because the images do, and a published figure inside our interval confirms nothing but "
        "that it is plausible."
    )


def explain_comparison(comparison: pd.DataFrame, data: dict) -> str:
    """Says what figures of the table and of the sentences beside it are, and of what.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        data: the counts of metrics/data.json.
    """
    return f"{explain_accuracies(comparison, data)} {EXPLAINED_SD} {EXPLAINED_DIFFERENCES}"


def explain_accuracies(comparison: pd.DataFrame, data: dict) -> str:
    """Says what accuracies and F1 are of, and what their intervals cover.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        data: the counts of metrics/data.json.
    """
    row = comparison.iloc[0]
    split, runs = row["split"], count_runs(row)
    splits = ["train", "val", "test"] if split == "test" else ["train", "val"]
    sizes = join([f"{data[name]:,} {name}" for name in splits])
    if row["folds"] == 1:
        covers = f"the choice of {split} images, for these trained networks"
        if row["seeds"] > 1:
            covers = f"the choice of {split} images and of seeds, for these images of train"
        where = f"on {sizes} images"
    else:
        covers = f"the choice of all images, for networks trained on {data['train']:,} others"
        where = (
            f"each of {row['images']:,} images in {split} once in each division ({sizes} in a fold)"
        )
    return (
        f"Accuracy and F1 in %, {runs}, {where}, in {len(data['classes'])} classes. Intervals "
        f"are for the {split} accuracy and the F1, of 95 %, and cover {covers}."
    )


def count_runs(row: pd.Series) -> str:
    """Words how many runs there are: "5 folds" or "2 x 5 folds, 3 seeds".

    Args:
        row: of the comparison.
    """
    folds, repeats, seeds = (int(row[name]) for name in ("folds", "repeats", "seeds"))
    told = "1 division" if folds == 1 else f"{folds} folds"
    told = f"{repeats} x {told}" if repeats > 1 else told
    return f"{told}, {seeds} seed{'s' if seeds > 1 else ''}"


def format_comparison(comparison: pd.DataFrame, verdict: Verdict, data: dict) -> str:
    """Writes verdict and comparison as Markdown that also reads well in a terminal."""
    findings = [escape(sentence, MARKDOWN) for sentence in [*verdict.findings, *verdict.remarks]]
    parts = [
        f"**{escape(verdict.headline, MARKDOWN)}**",
        align_table(present_comparison(comparison)),
        "\n".join(f"- {sentence}" for sentence in findings),
        explain_comparison(comparison, data),
    ]
    return "\n\n".join(parts) + "\n"


def format_published(published: pd.DataFrame, explanation: str) -> str:
    """Writes a paper's figures beside ours as Markdown; those of single classes stay in the CSV.

    Args:
        published: as set_beside makes it.
        explanation: as explain_published words it.
    """
    whole = published[published["class_name"] == ""]
    return f"{escape(explanation, MARKDOWN)}\n\n{align_table(present_published(whole))}\n"


def format_latex_narrow(comparison: pd.DataFrame, caption: str, label: str) -> str:
    """Writes the comparison for one column of two: 240 pt, so few figures and short names.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        caption: text; what the short names stand for is added.
        label: what the paper refers to it by.
    """
    rows = [
        {
            "scenario": SHORT_NAMES[row.scenario],
            "accuracy": format_percent(row.accuracy),
            "95 % interval": format_interval(row.accuracy_low, row.accuracy_high),
            "F1": format_percent(row.macro_f1),
            "trained": f"{row.trainable_parameters:,}",
        }
        for row in comparison.itertuples()
    ]
    names = ", ".join(f"{SHORT_NAMES[name]} is {name}" for name in comparison["scenario"])
    note = f"F1 is macro F1, trained the parameters that are trained; {names}."
    return format_latex(pd.DataFrame(rows), f"{caption} {note}", label, gap="3pt")


def format_latex_wide(comparison: pd.DataFrame, caption: str, label: str) -> str:
    """Writes the comparison with all its figures, across both columns of two.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        caption: text.
        label: what the paper refers to it by.
    """
    return format_latex(present_comparison(comparison), caption, label, environment="table*")


def format_tables(comparison: pd.DataFrame, classes: pd.DataFrame, data: dict) -> dict[str, str]:
    """Writes the tables that papers and pages take in: text by the name of its file.

    Args:
        comparison: one row a scenario, as compare_scenarios makes it.
        classes: as tabulate_classes makes it.
        data: the counts of metrics/data.json.
    """
    caption = explain_accuracies(comparison, data)
    wide = f"{caption} {EXPLAINED_SD}"
    return {
        "comparison.tex": format_latex_narrow(comparison, caption, "tab:comparison"),
        "comparison_wide.tex": format_latex_wide(comparison, wide, "tab:comparison-wide"),
        "classes.md": align_table(present_classes(classes)) + "\n",
    }
