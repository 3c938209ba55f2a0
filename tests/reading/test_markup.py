"""Markdown and LaTeX stay tables whatever the cells hold."""

import pandas as pd

from threeway.reading.markup import align_table, format_latex


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
