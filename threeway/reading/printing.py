"""How every picture looks and is written: colour-blind readers' colours, 300 dots an inch."""

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure

from threeway.reading.captions import FONT

PALETTE = "colorblind"
# Inches: a page of A4 between its margins.
PAGE_WIDTH = 6.3


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG whose bytes depend on nothing but the picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=300, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)


def set_style() -> None:
    """Sets matplotlib up; a `$` in a name stays a `$`."""
    matplotlib.use("Agg")
    rc = {"text.parse_math": False}
    sns.set_theme(context="paper", style="whitegrid", palette=PALETTE, font=FONT, rc=rc)
