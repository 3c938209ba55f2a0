"""Names as a picture can show them: short, and in letters that its font has."""

from collections import Counter
from functools import cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font

# matplotlib brings this font: a picture has the same bytes whatever fonts a machine has. It lacks
# Chinese, Japanese, Korean and most emoji. Wheels with fonts for all weigh 27 MB and more.
FONT = "DejaVu Sans"
# Characters that a label has at most.
LONGEST_NAME = 20
# Of more classes than these a confusion matrix has no room for names, and has numbers.
MOST_NAMED = 20


def label_classes(classes: list[str]) -> list[str]:
    """Labels classes for pictures: the name, shortened if long, or "#3" where that would not do.

    A number, from 1 in the order given, stands for a name that the font cannot show and for one
    that is shortened to what another class is called; the page says whose number it is.

    Args:
        classes: all class names, sorted as in every table.
    """
    numbers = [f"#{number}" for number in range(1, len(classes) + 1)]
    names = [" ".join(name.split()) for name in classes]
    labels = [
        shorten(name) if can_show(name) else number
        for name, number in zip(names, numbers, strict=True)
    ]
    times = Counter(labels)
    return [
        label if times[label] == 1 else number
        for label, number in zip(labels, numbers, strict=True)
    ]


def list_labels(classes: list[str]) -> dict[str, str]:
    """Lists what the pictures call each class; empty where they name every class in full.

    Args:
        classes: all class names, sorted as in every table.
    """
    labels = label_classes(classes)
    if labels == classes and len(classes) <= MOST_NAMED:
        return {}
    return dict(zip(classes, labels, strict=True))


def shorten(name: str) -> str:
    """Cuts the middle out of a long name: what tells names apart is at their ends."""
    if len(name) <= LONGEST_NAME:
        return name
    tail = (LONGEST_NAME - 1) // 2
    return f"{name[: LONGEST_NAME - 1 - tail]}…{name[-tail:]}"


def can_show(text: str) -> bool:
    """Tells whether the pictures' font has every letter of a text, and the text has one."""
    font = load_font()
    return bool(text) and all(
        letter.isprintable() and font.get_char_index(ord(letter)) for letter in text
    )


@cache
def load_font() -> FT2Font:
    return get_font(findfont(FontProperties(family=FONT), fallback_to_default=False))
