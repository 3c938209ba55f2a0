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
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

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

# One of each kind that an interval can be.
PAIRS = [
    {"first": "feature_extraction", "second": "baseline_cnn", "difference": 0.25, "low": 0.125,
     "high": 0.375},
    {"first": "fine_tuning", "second": "baseline_cnn", "difference": -0.25, "low": -0.375,
     "high": -0.125},
    {"first": "fine_tuning", "second": "feature_extraction", "difference": 0.0, "low": -0.0625,
     "high": 0.0625},
]  # fmt: skip


def draw_verdict(path: Path, margin: float = 0.02, chance: float = 0.31) -> None:
    figures.draw_verdict(path, ACCURACIES, chance, PAIRS, margin, "feature_extraction")


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
    draw_verdict(path)
    figures.draw_costs(path, ACCURACIES)
    figures.draw_confusions(path, tabulate_shares(["a", "b"]), ["a", "b"])
    verdict, cost, confusion = drawn
    accuracy, difference = verdict.axes
    assert accuracy.get_xlabel() == "accuracy, %, with its 95 % interval"
    assert accuracy.collections[-1].get_offsets()[:, 0].tolist() == [50, 75, 100]
    assert list_dashes(accuracy) == [[31, 31]]
    _, *lines = difference.lines
    assert [list(line.get_xdata()) for line in lines[::2]] == [
        [12.5, 37.5],
        [-37.5, -12.5],
        [-6.25, 6.25],
    ]
    assert difference.get_xlabel() == "first minus second, points (grey: up to 2)"
    assert cost.axes[0].get_ylabel() == "accuracy, %"
    assert [text.get_text() for text in confusion.axes[0].texts] == ["99", "1", "1", "99"]


def list_dashes(axis: Axes) -> list[list[float]]:
    return [line.get_xdata() for line in axis.lines if line.get_linestyle() == "--"]


def test_the_picture_of_the_verdict_says_what_each_interval_tells(drawn):
    draw_verdict(Path("unused"))
    draw_verdict(Path("unused"), margin=0.07)
    words = [[text.get_text() for text in figure.axes[1].texts] for figure in drawn]
    told = [
        "feature_extraction is better than baseline_cnn", "fine_tuning is worse than baseline_cnn"
    ]  # fmt: skip
    assert words == [
        [*told, "fine_tuning or feature_extraction: cannot be told"],
        [*told, "fine_tuning and feature_extraction: less than 7 points"],
    ]
    assert [find_overlaps(figure) for figure in drawn] == [[], []]


def test_the_picture_of_the_verdict_marks_what_to_use_and_chance_where_it_is_near(drawn):
    near = ACCURACIES.assign(**ACCURACIES.filter(like="accuracy") / 10 + 0.9)
    figures.draw_verdict(Path("unused"), near, 0.25, PAIRS, 0.02, "fine_tuning")
    figures.draw_verdict(Path("unused"), ACCURACIES, 0.25, PAIRS, 0.02, None)
    (mark,), (chance,) = (figure.axes[0].texts for figure in drawn)
    assert (mark.get_text(), mark.xy) == ("use this", (100, 0))
    assert chance.get_text() == "chance"
    assert [list_dashes(figure.axes[0]) for figure in drawn] == [[], [[25, 25]]]


BEST = {
    name: pd.Series([1.5 - number / 4, 0.75, 0.5], index=pd.Index([1, 2, 3], name="trial"))
    for number, name in enumerate(SCENARIOS)
}


def make_growth(scenario: str, shift: float, reason: str | None = None) -> dict:
    """Makes a growth along 1 - n^-0.5, as metrics/comparison.json has it."""
    sizes = [25, 100 + shift, 400 + shift]
    points = [
        {"share": 0.5, "trained_on": size, "accuracy": 1 - size**-0.5, "low": 0.5, "high": 1.0}
        for size in sizes
    ]
    ahead = {"trained_on": 2 * sizes[-1], "accuracy": 0.95, "low": 0.875, "high": 1.0}
    ahead |= {"reason": reason, "curve": {"a": 1.0, "b": 0.5, "c": 0.0, "residual": 0.0}}
    if reason:
        ahead |= dict.fromkeys(["accuracy", "low", "high", "curve"])
    return {"scenario": scenario, "points": points, "forecast": ahead}


GROWTHS = [
    make_growth("baseline_cnn", 0),
    make_growth("feature_extraction", 0.4),
    make_growth("fine_tuning", 0, "accuracy does not grow along a power law"),
]


def test_the_lowest_loss_is_drawn_by_trials_one_line_a_scenario(drawn):
    figures.draw_search(Path("x"), BEST)
    (axis,) = drawn[0].axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert lines == {
        "baseline_cnn": [[1, 1.5], [2, 0.75], [3, 0.5]],
        "feature_extraction": [[1, 1.25], [2, 0.75], [3, 0.5]],
        "fine_tuning": [[1, 1.0], [2, 0.75], [3, 0.5]],
    }
    assert axis.get_xlabel() == "trials; the first is the recipe as written"
    assert axis.get_ylabel() == "lowest loss on val"
    assert all(float(tick).is_integer() for tick in axis.get_xticks())
    [legend] = drawn[0].legends
    assert [text.get_text() for text in legend.texts] == list(SCENARIOS)
    assert find_overlaps(drawn[0]) == []


def test_growth_is_drawn_in_percent_with_the_forecast_where_there_is_one(drawn):
    figures.draw_growths(Path("x"), GROWTHS)
    (axis,) = drawn[0].axes
    assert (axis.get_xscale(), axis.get_xlabel()) == ("log", "training images")
    assert axis.get_ylabel() == "accuracy on test, %"
    # Of each what was tried and, of two, a hollow forecast.
    shown = [container.lines[0] for container in axis.containers]
    hollow = [line.get_markerfacecolor() == "white" for line in shown]
    assert hollow == [False, True, False, True, False]
    np.testing.assert_allclose(shown[0].get_xydata(), [[25, 80], [100, 90], [400, 95]])
    np.testing.assert_allclose(shown[1].get_xydata(), [[800, 95]])
    # Beside each other: the second a fiftieth further to the right, the third two.
    np.testing.assert_allclose(shown[2].get_xydata()[:, 0], 1.02 * np.array([25, 100.4, 400.4]))
    np.testing.assert_allclose(shown[4].get_xydata()[:, 0], 1.02**2 * np.array([25, 100, 400]))
    np.testing.assert_allclose(shown[3].get_xydata(), [[1.02 * 800.8, 95]])
    [bar] = axis.containers[1].lines[2]
    [segment] = bar.get_segments()
    np.testing.assert_allclose(segment.astype(float), [[800, 87.5], [800, 100]])
    curves = [line for line in axis.lines if len(line.get_xdata()) == 100]
    assert len(curves) == 2
    sizes = curves[0].get_xdata()
    assert (sizes[0], sizes[-1]) == pytest.approx((25, 800))
    np.testing.assert_allclose(curves[0].get_ydata(), 100 * (1 - sizes**-0.5))
    # Numbers that round to the same are one.
    assert axis.get_xticks().tolist() == [25, 100, 400, 800]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["25", "100", "400", "800"]
    assert find_overlaps(drawn[0]) == []


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (
            lambda path: figures.draw_search(path, {}),
            "Settings were not tuned (tuning.trials is 0)",
        ),
        (
            lambda path: figures.draw_growths(path, []),
            "No scenario was trained on fewer images, and compared on test",
        ),
    ],
)
def test_of_what_there_is_not_the_picture_says_so(draw, said, drawn):
    draw(Path("x"))
    assert [text.get_text() for text in list_texts(drawn[0])] == [said]
    box, whole = list_texts(drawn[0])[0].get_window_extent(), drawn[0].bbox
    assert 0 < box.x0 < box.x1 < whole.x1


@pytest.mark.parametrize(
    "draw",
    [
        lambda path: figures.draw_search(path, BEST),
        lambda path: figures.draw_growths(path, GROWTHS),
        lambda path: figures.draw_notice(path, "Nothing"),
    ],
)
def test_pictures_of_tuning_and_growth_have_the_same_bytes_twice(draw, tmp_path):
    for name in ("one.png", "other.png"):
        draw(tmp_path / name)
    one, other = ((tmp_path / name).read_bytes() for name in ("one.png", "other.png"))
    assert one.startswith(b"\x89PNG")
    assert one == other
    figures.draw_notice(tmp_path / "another.png", "Something else")
    assert (tmp_path / "another.png").read_bytes() != one


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
        path = tmp_path / "verdict.png"
        draw_verdict(path)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    assert matplotlib.rcParams["font.family"] == ["DejaVu Sans"]


def test_curves_are_drawn_of_any_number_of_classes(tmp_path):
    for count in (0, 2, 9):
        names = [f"class {number:02d}" for number in range(count)]
        roc = pd.DataFrame(
            [("fine_tuning", name, rate, rate**0.5) for name in names for rate in (0.0, 0.5, 1.0)],
            columns=["scenario", "class", "false_positive_rate", "true_positive_rate"],
        )
        recall = roc.set_axis(["scenario", "class", "recall", "precision"], axis=1)
        figures.draw_rankings(tmp_path / f"{count}.png", roc, recall, names)
    heights = [Image.open(tmp_path / f"{count}.png").height for count in (0, 2, 9)]
    assert heights[0] < heights[1] <= heights[2]
