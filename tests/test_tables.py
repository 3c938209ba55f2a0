"""Markdown that stays a table whatever the cells hold."""

import pandas as pd

from threeway.tables import align_table


def test_columns_are_aligned_and_bars_are_escaped():
    table = pd.DataFrame({"scenario": ["a", "long|name"], "test": ["9.1", "100.0"]})
    assert align_table(table).splitlines() == [
        "| scenario   |  test |",
        "| ---------- | ----: |",
        "| a          |   9.1 |",
        "| long\\|name | 100.0 |",
    ]
