"""The page holds everything, loads nothing, and fits a telephone; names in it stay text."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from threeway import figures
from threeway.audit import Finding
from threeway.comparison import (
    compare_scenarios,
    rank_confusions,
    tabulate_classes,
    tabulate_confusion,
    tabulate_reliability,
)
from threeway.papers import Paper
from threeway.predictions import Predictions
from threeway.published import Results, set_beside
from threeway.report import embed_picture, render_report
from threeway.scenarios import SCENARIOS, TITLES
from threeway.significance import compare_pairs, overall_p_value
from threeway.tables import (
    explain_comparison,
    explain_published,
    present_class_scores,
    present_classes,
    present_comparison,
    present_published,
)
from threeway.verdict import judge

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = ["<script>alert(1)</script>", "a | b", "\\input{x}", "=1+1", "{{ 7 * 7 }}", "x" * 120]
# Reports on itself to the page that frames it.
PROBE = """<script>addEventListener("load", () => parent.postMessage({
  wide: document.documentElement.scrollWidth, inner: innerWidth,
  requests: performance.getEntriesByType("resource").map(entry => entry.name),
  pictures: [...document.images].map(image => image.complete && image.naturalWidth > 0),
}, "*"));</script>"""
FRAME = """<!DOCTYPE html><link rel="icon" href="data:,"><body><script>addEventListener("message",
event => document.body.dataset.found = JSON.stringify(event.data))</script>
<iframe src="{page}" width="{width}" height="800" style="border: 0"></iframe>"""


def generate_predictions(classes: list[str], images: int, seeds: int) -> dict[str, Predictions]:
    """Generates answers of three scenarios of different skill on the same images."""
    rng = np.random.default_rng(0)
    # Every class is there, whatever the number of images.
    actual = np.arange(images) % len(classes)
    paths = np.array([f"{number}.png" for number in range(images)])
    found = {}
    for scenario, skill in zip(SCENARIOS, (2.0, 3.0, 4.0), strict=True):
        logits = rng.normal(0, 1, (seeds, images, len(classes)))
        logits[:, np.arange(images), actual] += skill
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        found[scenario] = Predictions(classes, np.arange(seeds), paths, actual, probabilities)
    return found


CITATION = "A & <b>B</b>, 2026"
PAPER = Paper.model_validate(
    {
        "citation": CITATION,
        "task": "any",
        "models": {"ours": "fine_tuning"},
        "accuracies": [{"of": "ours", "split": "test", "value": "0.95", "where": "<i>Table</i>"}],
    }
)


def make_page(folder: Path, classes: list[str], images: int = 240) -> str:
    """Makes the report of generated predictions, with the pictures that the stages draw."""
    test = generate_predictions(classes, images, seeds=3)
    record = {"step": 9, "final": {"train_accuracy": 0.99, "val_accuracy": 0.9, "best_epoch": 10}}
    machine = {"processor": "a <fast> one", "cores": 2, "python": "3.11"}
    cost = {"parameters": 10**6, "trainable_parameters": 10**5, "multiply_adds": 10**8}
    cost |= {"weight_bytes": 10**6, "training_seconds": {"1": 2.0}, "machine": machine}
    cost |= {"milliseconds_an_image": {"1": 3.0, "32": 1.0}}
    costs = dict.fromkeys(SCENARIOS, cost) | {"features": {"seconds": 1.0}}
    sizes = {name: {"train": 30, "val": 6, "test": 6} for name in classes}
    data = {"images": 42 * len(classes), "train": 30, "val": 6, "test": 6, "exact_copies": 0}
    data |= {"near_copies": 0, "rejected": 1, "rejected_by_reason": {"not an image": 1}}
    data |= {"smallest_class_in_test": {"class": classes[0], "images": 6}, "classes": sizes}

    comparison = compare_scenarios(test, {name: [record] for name in SCENARIOS}, costs)
    correct = {name: predictions.correct for name, predictions in test.items()}
    differences = compare_pairs(correct)
    scores, confusion = tabulate_classes(test), tabulate_confusion(test)
    evidence = {
        "verdict": asdict(judge(comparison, differences, data, [-1, 1])),
        "scenarios": comparison.set_index("scenario").to_dict("index"),
        "differences": [asdict(difference) for difference in differences],
        "cochrans_q_p_value": overall_p_value(correct),
        "most_confused": rank_confusions(confusion).to_dict("records"),
        "paper": {"name": "x", "citation": CITATION},
    }
    figures.draw_accuracies(folder / "accuracy.png", comparison)
    figures.draw_costs(folder / "cost.png", comparison)
    figures.draw_confusions(folder / "confusion.png", confusion, classes)
    figures.draw_class_scores(folder / "classes.png", scores)
    figures.draw_reliability(folder / "reliability.png", tabulate_reliability(test))
    figures.draw_class_sizes(folder / "class_sizes.png", pd.DataFrame(sizes).T)
    figures.draw_gallery(folder / "gallery.png", np.zeros((0, 8, 8, 3), np.uint8), [])
    for name in ("learning_curves", "samples", "augmentation"):
        shutil.copyfile(folder / "gallery.png", folder / f"{name}.png")
    layers = pd.DataFrame(
        {"layer": ["dense"], "type": ["Dense"], "output": ["4"], "parameters": [8]}
    )
    return render_report(
        evidence=evidence,
        table=present_comparison(comparison),
        explanation=explain_comparison(comparison, data),
        classes=present_classes(scores),
        class_scores=present_class_scores(scores),
        costs=costs,
        data=data,
        layers=dict.fromkeys(SCENARIOS, layers),
        titles=TITLES,
        pictures={
            path.stem: embed_picture(path, f"a {path.stem}") for path in folder.glob("*.png")
        },
        audit=pd.DataFrame([{"paper": "<i>"} | asdict(Finding("F1", "Table 1", "0.9", "error"))]),
        published=present_published(set_beside(PAPER, Results(comparison, scores, test, test))),
        beside=explain_published(CITATION),
        params="data:\n  source: </pre><script>alert(2)</script>\n",
    )


@pytest.fixture(scope="module", params=["hostile names", "100 classes"])
def page(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    many = [f"class number {number:03d}" for number in range(100)]
    classes = HOSTILE if request.param == "hostile names" else many
    path = folder / "report.html"
    path.write_text(make_page(folder, classes))
    return path


def test_the_verdict_comes_first_and_names_stay_text(page):
    text = page.read_text()
    assert "<script>" not in text
    headline = re.search(r'<p class="headline">(.*?)</p>', text).group(1)
    assert html.unescape(headline).startswith("Use fine_tuning: ")
    assert text.index(headline) < text.index("<table>")
    assert "{{" not in text.replace(html.escape(HOSTILE[4]), "")


def test_nothing_is_loaded_and_every_picture_has_words(page):
    text = page.read_text()
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', text)
    assert sources
    assert all(source.startswith("data:") for source in sources)
    assert "url(" not in text
    pictures = re.findall(r"<img [^>]*>", text)
    assert len(pictures) == 10
    assert all(re.search(r'alt="[^"]+"', picture) for picture in pictures)


def inspect_page(text: str, width: int, folder: Path) -> tuple[dict, str]:
    """Shows a page in Chromium, so wide: what it says of itself, and the browser's log."""
    (folder / "probed.html").write_text(text.replace("</body>", f"{PROBE}</body>"))
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(page="probed.html", width=width))
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}", "--window-size=1600,1000",
        "--virtual-time-budget=5000", "--enable-logging=stderr", "--dump-dom", frame.as_uri(),
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'data-found="([^"]*)"', result.stdout).group(1)
    return json.loads(html.unescape(found)), result.stderr


needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@needs_chromium
@pytest.mark.parametrize("width", [390, 1440])
def test_in_a_browser_it_fits_shows_and_requests_nothing(page, width, tmp_path):
    found, log = inspect_page(page.read_text(), width, tmp_path)
    assert found["inner"] == width
    assert found["wide"] <= width
    assert found["pictures"] == [True] * 10
    assert [name for name in found["requests"] if not name.startswith("data:")] == []
    assert "CONSOLE" not in log


@needs_chromium
def test_the_browser_test_sees_what_it_looks_for(tmp_path):
    bad = """<!DOCTYPE html><body><p style="width: 600px">wide</p>
    <img src="http://127.0.0.1:9/missing.png"><script>console.error("heard")</script></body>"""
    found, log = inspect_page(bad, 390, tmp_path)
    assert found["wide"] > 390
    assert found["pictures"] == [False]
    assert [name.rsplit("/", 1)[1] for name in found["requests"]] == ["missing.png"]
    assert "heard" in log
