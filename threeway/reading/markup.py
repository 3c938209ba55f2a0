"""Tables in Markdown and LaTeX, in which whatever a class or a file is called stays text."""

import pandas as pd

# Characters that LaTeX would take for commands.
LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
# Characters with which Markdown, or the HTML in it, would begin something.
MARKDOWN = {character: f"\\{character}" for character in "\\|<>[]*`"}


def align_table(table: pd.DataFrame) -> str:
    """Writes a Markdown table: columns of figures to the right, the others to the left."""
    cells = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    cells = [[escape(" ".join(cell.split()), MARKDOWN) for cell in row] for row in cells]
    columns = [align_column(list(column)) for column in zip(*cells, strict=True)]
    return "\n".join(f"| {' | '.join(row)} |" for row in zip(*columns, strict=True))


def align_column(cells: list[str]) -> list[str]:
    """Pads a column, its title first, and puts Markdown's rule below the title."""
    width = max(3, *map(len, cells))
    if all(cell[:1].isdigit() or cell[:1] == "-" for cell in cells[1:]):
        padded, rule = [cell.rjust(width) for cell in cells], "-" * (width - 1) + ":"
    else:
        padded, rule = [cell.ljust(width) for cell in cells], "-" * width
    return [padded[0], rule, *padded[1:]]


def format_latex(
    table: pd.DataFrame, caption: str, label: str, environment: str = "table", gap: str = "4pt"
) -> str:
    """Writes a LaTeX table to be input in a paper, with the rules of the package booktabs.

    Args:
        table: cells as they are shown; the first column is set to the left.
        caption: text.
        label: what the paper refers to it by.
        environment: "table" for a column's width, "table*" for the page's.
        gap: on both sides of a column, a length.
    """
    rows = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    lines = [" & ".join(escape(cell, LATEX) for cell in row) + r" \\" for row in rows]
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            rf"\begin{{{environment}}}",
            r"\centering",
            r"\small",
            rf"\setlength{{\tabcolsep}}{{{gap}}}",
            rf"\caption{{{escape(caption, LATEX)}}}",
            rf"\label{{{label}}}",
            rf"\begin{{tabular}}{{@{{}}l{'r' * (len(table.columns) - 1)}@{{}}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
            rf"\end{{{environment}}}",
            "",
        ]
    )


def escape(text: str, replacements: dict[str, str]) -> str:
    """Replaces characters that would be more than text."""
    return "".join(replacements.get(character, character) for character in text)
