"""Figures are rounded as readers need them, and tables say what they are of."""

import pandas as pd
import pytest

from threeway.reading.tables import (
    explain_comparison,
    explain_published,
    format_latency,
    format_latex_narrow,
    format_latex_wide,
    format_published,
    format_significant,
    format_tables,
    present_class_scores,
    present_left_out,
)

COMPARISON = pd.DataFrame(
    {
        "scenario": ["baseline_cnn", "feature_extraction"],
        "split": "test",
        "images": 300,
        "folds": 5,
        "repeats": 2,
        "seeds": 1,
        "train_accuracy": [0.9228, 0.9802],
        "val_accuracy": [0.8856, 0.8811],
        "accuracy": [0.9122, 0.9033],
        "accuracy_low": [0.878, 0.8682],
        "accuracy_high": [0.9375, 0.9299],
        "accuracy_sd": [0.0051, 0.0088],
        "macro_f1": [0.9117, 0.9037],
        "macro_f1_low": [0.8751, 0.8662],
        "macro_f1_high": [0.9391, 0.9317],
        "parameters": [1142468, 2263108],
        "trainable_parameters": [1142468, 5124],
    }
)


def test_published_figures_stand_beside_ours_and_those_of_single_classes_do_not():
    published = pd.DataFrame(
        {
            "scenario": "fine_tuning",
            "figure": ["test accuracy", "macro f1", "f1"],
            "class_name": ["", "", "lion"],
            "where": "Table 1",
            "published": ["96.25 %", "0.95", "0.93"],
            "reproduced": [0.9386, 0.9312, 0.9],
            "low": [0.91, None, None],
            "high": [0.958, None, None],
            "published_lies": ["above", "", ""],
        }
    )
    found = format_published(published, explain_published("A <b> of 2026", []))
    assert "but for" not in found
    assert found.startswith("Beside the figures of A \\<b\\> of 2026: ")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in found.splitlines()[-2:]]
    assert rows == [
        ["fine_tuning", "test accuracy", "Table 1", "96.25 %", "93.9", "91.0 to 95.8", "above"],
        ["fine_tuning", "macro f1", "Table 1", "0.95", "93.1", "-", "-"],
    ]


def test_the_narrow_latex_table_has_short_names_and_says_whose_they_are():
    latex = format_latex_narrow(COMPARISON, "Of 5 %.", "tab:narrow")
    assert "\\begin{table}\n\\centering\n\\small\n\\setlength{\\tabcolsep}{3pt}\n" in latex
    assert "scenario & accuracy & 95 \\% interval & F1 & trained \\\\\n" in latex
    assert "CNN & 91.2 & 87.8 to 93.8 & 91.2 & 1,142,468 \\\\\n" in latex
    assert "frozen & 90.3 & 86.8 to 93.0 & 90.4 & 5,124 \\\\\n" in latex
    assert "CNN is baseline\\_cnn, frozen is feature\\_extraction.}" in latex


def test_the_wide_latex_table_spans_both_columns_with_every_figure():
    latex = format_latex_wide(COMPARISON, "Of 5 %.", "tab:wide")
    assert "\\begin{table*}" in latex
    assert "\\end{table*}" in latex
    row = (
        "92.3 & 88.6 & 91.2 & 87.8 to 93.8 & 0.5 & 91.2 & 87.5 to 93.9 & 1,142,468 & 1,142,468 \\\\"
    )
    assert f"baseline\\_cnn & {row}\n" in latex


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.14, "3.1"), (3.96, "4.0"), (9.96, "10"), (0.0312, "0.031"), (1234.0, "1,200"), (0, "0")],
)
def test_two_significant_digits_are_shown_and_no_more(value, expected):
    assert format_significant(value) == expected


def test_a_latency_has_its_spread():
    assert format_latency({"median": 3.14, "low": 2.9, "high": 3.96}) == "3.1 (2.9 to 4.0)"


def test_recall_has_its_interval_where_there_is_one():
    classes = pd.DataFrame(
        {
            "scenario": "fine_tuning", "class": ["b", "a"], "precision": 0.5, "recall": 0.25,
            "recall_low": [0.1, None], "recall_high": [0.4, None], "f1": 1 / 3, "support": 1200,
        }
    )  # fmt: skip
    assert present_class_scores(classes).to_numpy().tolist() == [
        ["a", "fine_tuning", "50.0", "25.0", "-", "33.3", "1,200"],
        ["b", "fine_tuning", "50.0", "25.0", "10.0 to 40.0", "33.3", "1,200"],
    ]


def test_classes_that_lost_files_are_listed_by_share():
    data = {"files_by_class": {"a": 10, "b": 4, "c": 5}, "rejected_by_class": {"a": 2, "b": 2}}
    assert present_left_out(data).to_numpy().tolist() == [
        ["b", 4, 2, "50.0"],
        ["a", 10, 2, "20.0"],
    ]


def test_a_caption_explains_what_its_table_has():
    data = {"train": 200, "val": 40, "test": 60, "classes": {"a": {}, "b": {}}}
    told = explain_comparison(COMPARISON, data)
    classes = pd.DataFrame({"class": ["a"], "scenario": ["cnn"], "f1": [0.5], "support": [7]})
    found = format_tables(COMPARISON, classes, data)
    narrow, wide = (found[name] for name in ("comparison.tex", "comparison_wide.tex"))
    for written, has in ((narrow, (0, 0)), (wide, (1, 0)), (told, (1, 1))):
        text = " ".join(written.split())
        assert "2 x 5 folds, 1 seed, each of 300 images in test once in each division" in text
        assert (text.count("The sd is"), text.count("In brackets after a difference")) == has
    # Of val as of test.
    assert found["classes.md"].splitlines()[0] == "| class |  cnn | images |"
