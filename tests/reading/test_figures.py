"""Pictures are legible whatever the classes are called, in percent, and the same everywhere."""

import hashlib
import itertools
import warnings
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from threeway.reading import figures, grids
from threeway.scenarios import SCENARIOS

CLASSES = {
    "four": ["bottoms", "outerwear", "shoes", "tops"],
    "twenty": [f"class {number:02d}" for number in range(20)],
    "eighty": [f"class number {number:03d}" for number in range(80)],
    "long": sorted(letter * 120 for letter in "ABXYZmx"),
    "foreign": sorted(["上衣", "하의", "👗", "$x$", "a_b"]),
}
ACCURACIES = pd.DataFrame(
    {
        "scenario": SCENARIOS,
        "accuracy": [0.5, 0.75, 1.0],
        "accuracy_low": [0.25, 0.5, 0.75],
        "accuracy_high": [0.75, 1.0, 1.0],
        "multiply_adds": [4e6, 2e6, 2e6],
        "trainable_parameters": [1e6, 5e3, 2e6],
    }
)


@pytest.fixture
def drawn(monkeypatch) -> list[Figure]:
    """Figures as they would be saved."""
    found = []
    for module in (figures, grids):
        monkeypatch.setattr(module, "save", lambda figure, path: found.append(figure))
    yield found
    plt.close("all")


def tabulate_shares(classes: list[str]) -> pd.DataFrame:
    cells = itertools.product(SCENARIOS, classes, classes)
    table = pd.DataFrame(cells, columns=["scenario", "actual", "predicted"])
    return table.assign(share=np.where(table["actual"] == table["predicted"], 0.99, 0.01))


def draw_all(classes: list[str], path: Path) -> None:
    """Draws every picture that names classes."""
    figures.draw_confusions(path, tabulate_shares(classes), classes)
    rows = itertools.product(SCENARIOS, classes)
    scores = pd.DataFrame(rows, columns=["scenario", "class"]).assign(f1=0.5)
    figures.draw_class_scores(path, scores)
    counts = pd.DataFrame({"train": 3, "val": 2, "test": 1}, index=classes)
    figures.draw_class_sizes(path, counts)
    images = np.zeros((len(classes), 4, 4, 3), np.uint8)
    grids.draw_samples(path, images, np.arange(len(classes)), classes)
    labels = grids.label_classes(classes)
    captions = [f"16. {'f' * 20}\n{name}\ncalled {name}\n100 %" for name in labels]
    grids.draw_gallery(path, images[:16], captions[:16])


def list_texts(figure: Figure) -> list[Text]:
    """Lists what can be read in a figure; ticks outside the axes are not drawn."""
    texts = [*figure.texts, *(text for legend in figure.legends for text in legend.texts)]
    for axis in figure.axes:
        texts += [axis.title, *axis.texts]
        if axis.axison:
            texts += [axis.xaxis.label, axis.yaxis.label]
            for ticks in (axis.xaxis, axis.yaxis):
                low, high = sorted(ticks.get_view_interval())
                texts += [
                    tick.label1
                    for tick in ticks.get_major_ticks()
                    if low <= tick.get_loc() <= high and tick.label1.get_visible()
                ]
    return [text for text in texts if text.get_text() and text.get_visible()]


def find_overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Finds texts that lie on each other by more than a pixel of the printed picture."""
    figure.set_dpi(300)
    figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in list_texts(figure)]
    return [
        (first, second)
        for (first, a), (second, b) in itertools.combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
    ]


@pytest.mark.parametrize("names", CLASSES)
def test_no_words_overlap_and_no_letter_is_missing(names, drawn):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_all(CLASSES[names], Path("unused"))
        assert len(drawn) == 5
        assert [find_overlaps(figure) for figure in drawn] == [[]] * 5


def test_the_overlap_test_sees_what_it_looks_for():
    figure = plt.figure()
    figure.text(0.5, 0.5, "one")
    figure.text(0.51, 0.5, "other")
    assert find_overlaps(figure) == [("one", "other")]
    plt.close(figure)


@pytest.mark.parametrize("names", ["long", "foreign"])
def test_names_leave_the_plot_most_of_the_picture(names, drawn):
    draw_all(CLASSES[names], Path("unused"))
    for figure in drawn[1:3]:
        figure.canvas.draw()
        whole = figure.get_tightbbox().width
        assert figure.axes[0].get_position().width * figure.get_figwidth() > 0.6 * whole


def test_shares_are_percent_in_every_chart(drawn):
    path = Path("unused")
    figures.draw_accuracies(path, ACCURACIES, 0.31)
    figures.draw_costs(path, ACCURACIES)
    figures.draw_confusions(path, tabulate_shares(["a", "b"]), ["a", "b"])
    accuracy, cost, confusion = drawn
    (axis,) = accuracy.axes
    assert axis.get_xlabel() == "accuracy, %, with its 95 % interval"
    assert axis.collections[-1].get_offsets()[:, 0].tolist() == [50, 75, 100]
    assert [line.get_xdata() for line in axis.lines if line.get_linestyle() == "--"] == [[31, 31]]
    assert cost.axes[0].get_ylabel() == "accuracy, %"
    assert [text.get_text() for text in confusion.axes[0].texts] == ["99", "1", "1", "99"]


def test_points_of_one_cost_stand_side_by_side():
    found = figures.spread_equals(pd.Series([4.0, 2.0, 2.0]))
    np.testing.assert_allclose(found, [4, 2, 2.08])


def test_of_many_classes_the_confusion_matrix_numbers_every_tenth(drawn):
    figures.draw_confusions(Path("x"), tabulate_shares(CLASSES["eighty"]), CLASSES["eighty"])
    axis = drawn[0].axes[0]
    numbers = ["1", "10", "20", "30", "40", "50", "60", "70", "80"]
    assert [label.get_text() for label in axis.get_xticklabels()] == numbers
    assert axis.get_yticks().tolist() == [0.5, 9.5, 19.5, 29.5, 39.5, 49.5, 59.5, 69.5, 79.5]
    assert axis.get_ylabel() == "actual, by number"


def test_the_font_is_matplotlibs_own_whatever_is_installed(tmp_path, monkeypatch):
    digests = set()
    for installed in ("Arial", "DejaVu Sans"):
        monkeypatch.setitem(matplotlib.rcParams, "font.family", [installed])
        path = tmp_path / "accuracy.png"
        figures.draw_accuracies(path, ACCURACIES, 0.31)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    assert matplotlib.rcParams["font.family"] == ["DejaVu Sans"]
