"""Markdown that stays a table whatever the cells hold."""

import pandas as pd

from threeway.tables import align_table, explain_published, format_latex, format_published


def test_columns_are_aligned_and_bars_are_escaped():
    table = pd.DataFrame({"scenario": ["a", "long|name"], "test": ["9.1", "100.0"]})
    assert align_table(table).splitlines() == [
        "| scenario   |  test |",
        "| ---------- | ----: |",
        "| a          |   9.1 |",
        "| long\\|name | 100.0 |",
    ]


def test_names_stay_text_in_markdown_and_latex():
    hostile = pd.DataFrame(
        {"class": ["<script>", "\\input{x}", "a_b & 5%", "two\nlines"], "f1": "1"}
    )
    markdown = align_table(hostile)
    assert len(markdown.splitlines()) == 6
    assert "\\<script\\>" in markdown
    latex = format_latex(hostile, "100 % of_all", "tab:x")
    assert "\\textbackslash{}input\\{x\\} & 1 \\\\" in latex
    assert "a\\_b \\& 5\\% & 1" in latex
    assert "\\caption{100 \\% of\\_all}" in latex


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
