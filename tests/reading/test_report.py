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

from tests.answers import make_predictions
from tests.evidence.test_more_images import make_growth
from tests.evidence.test_search import RATE, make_search, make_trials
from threeway.evidence.abstention import abstain, follow_abstention
from threeway.evidence.answers import Predictions
from threeway.evidence.calibration import Calibration
from threeway.evidence.comparison import (
    compare_scenarios,
    measure_chance,
    rank_confusions,
    tabulate_classes,
    tabulate_confusion,
    tabulate_reliability,
)
from threeway.evidence.formats import KEPT, LOST, Format
from threeway.evidence.left_out import leaves_out_many
from threeway.evidence.more_images import Growth
from threeway.evidence.ranking import FIGURES, tabulate_curves, tabulate_ranking, tabulate_two
from threeway.evidence.search import Choice, Search, follow_best
from threeway.evidence.significance import compare_pairs
from threeway.evidence.suspects import NUM_SHOWN, find_suspects
from threeway.evidence.verdict import judge
from threeway.papers.audit import Finding
from threeway.papers.paper import Paper
from threeway.papers.published import Results, set_beside
from threeway.reading import figures, grids
from threeway.reading.captions import list_labels
from threeway.reading.methods import describe_methods
from threeway.reading.recipes import present_growths, present_tuning
from threeway.reading.report import (
    PICTURES,
    PICTURES_OF_IMAGES,
    describe_looks,
    describe_provenance,
    embed_picture,
    embed_pictures,
    render_report,
)
from threeway.reading.tables import (
    explain_comparison,
    explain_published,
    present_class_scores,
    present_classes,
    present_comparison,
    present_left_out,
    present_published,
    present_runs,
    present_suspects,
    set_scenarios_across,
)
from threeway.reading.use import (
    present_abstentions,
    present_formats,
    present_ranking,
    present_two_classes,
)
from threeway.run import Run
from threeway.scenarios import SCENARIOS
from threeway.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
SETTINGS = load_settings(*Settings.model_fields, path=ROOT / "params.yaml")
VERSIONS = dict.fromkeys(
    ("tensorflow", "keras", "numpy", "scikit-learn", "optuna", "python", "dvc", "dvclive"), "1.2.3"
)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = ["<script>alert(1)</script>", "a | b", "\\input{x}", "$x_1^2$", "{{ 7 * 7 }}"]
HOSTILE += ["x" * 120]
FOREIGN = ["上衣", "ключ", "하의", "🐱", "حذاء", "čepice"]
# Reports on itself to the page that frames it: for each table by how many pixels it is wider than
# its box, and how many shadows the box has to say so; for each folded part whether it shows.
PROBE = """<script>addEventListener("load", () => parent.postMessage({
  wide: document.documentElement.scrollWidth, inner: innerWidth,
  requests: performance.getEntriesByType("resource").map(entry => entry.name),
  pictures: [...document.images].map(image => image.complete && image.naturalWidth > 0),
  over: [...document.querySelectorAll(".scroll")].map(box => box.scrollWidth - box.clientWidth),
  shadows: [...document.querySelectorAll(".scroll")].map(
    box => getComputedStyle(box).backgroundImage.split("linear-gradient").length - 1),
  folded: [...document.querySelectorAll("details:not([open]) > :not(summary)")].map(
    part => part.checkVisibility({contentVisibilityAuto: true})),
}, "*"));</script>"""
FRAME = """<!DOCTYPE html><link rel="icon" href="data:,"><body><script>addEventListener("message",
event => document.body.dataset.found = JSON.stringify(event.data))</script>
<iframe src="{page}" width="{width}" height="800" style="border: 0"></iframe>"""


def generate_predictions(classes: list[str], images: int, seeds: int) -> dict[str, Predictions]:
    """Generates answers of three scenarios of different skill on the same images."""
    rng = np.random.default_rng(0)
    # Every class is there, whatever the number of images.
    actual = np.arange(images) % len(classes)
    found = {}
    for scenario, skill in zip(SCENARIOS, (2.0, 3.0, 4.0), strict=True):
        logits = rng.normal(0, 1, (seeds, images, len(classes)))
        logits[:, np.arange(images), actual] += skill
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        found[scenario] = make_predictions(
            classes, actual, probabilities, np.arange(images) % 5 + 1
        )
    return found


# CSS pixels, 96 an inch: a page of A4 between the margins of 1.5 cm that the page asks for.
A4_WIDTH = 680
CITATION = "A & <b>B</b>, 2026"
PAPER = Paper.model_validate(
    {
        "citation": CITATION,
        "task": "any",
        "models": {"ours": "fine_tuning"},
        "accuracies": [{"of": "ours", "split": "test", "value": "0.95", "where": "<i>Table</i>"}],
    }
)


def generate_costs() -> dict:
    latency = {"1": {"median": 3.14, "low": 2.9, "high": 3.96}}
    latency |= {"32": {"median": 0.5, "low": 0.4, "high": 0.6}}
    cost = {"parameters": 2263108, "trainable_parameters": 1844740, "multiply_adds": 10**8}
    cost |= {"weight_bytes": 10**6, "training_seconds": {"1": 2.0}, "trials_seconds": 1234.56}
    cost |= {"networks": 1, "processors": ["AMD"]}
    cost |= {"milliseconds_an_image": latency}
    taken = {"bytes": 2_345_678, "load_milliseconds": 12.4, "peak_bytes": None}
    taken |= {"milliseconds": {"1": latency["1"], "2": latency["32"]}}
    cost |= {"devices": {"float32": taken, "int8": taken | {"peak_bytes": 50_400_000}}}
    machine = {"processor": "a <fast> one", "cores": 2, "python": "3.11"}
    return dict.fromkeys(SCENARIOS, cost) | {"features": {"seconds": 1.0}, "machine": machine}


def generate_data(classes: list[str]) -> dict:
    """Generates what metrics/data.json holds; the first class lost a quarter of its files."""
    sizes = {name: {"train": 30, "val": 6, "test": 6, "tested": 42} for name in classes}
    files = dict.fromkeys(classes, 42) | {classes[0]: 56}
    data = {"images": 42 * len(classes), "train": 30, "val": 6, "test": 6, "exact_copies": 0}
    data |= {"tested_groups": 42 * len(classes)}
    data |= {
        "near_copies": 0,
        "folds": 5,
        "tested": 42 * len(classes),
        "lost": 14,
        "lost_by_reason": {"not an image": 14},
    }
    data |= {"smallest_class_in_test": {"class": classes[0], "images": 6}, "classes": sizes}
    data |= {"files": sum(files.values()), "files_by_class": files}
    data |= {"rejected_by_class": {classes[0]: 14}}
    return data | {"source": "<b>my</b> images.zip", "digest": "0123456789abcdef" * 4}


def generate_searches() -> list[Search]:
    """Generates what tuning did: each fold of the CNN chose the highest rate."""
    figures = {"written": 0.9, "gain": 0.012, "low": -0.001, "high": 0.025, "first_share": 0.625}
    searches = [make_search(name, **figures) for name in SCENARIOS]
    choices = [Choice(RATE, 0.001, [0.01] * 5, at_low=0, at_high=5)]
    return [make_search(SCENARIOS[0], **figures | {"choices": choices}), *searches[1:]]


def generate_evidence(
    test: dict[str, Predictions],
    comparison: pd.DataFrame,
    data: dict,
    searches: list[Search],
    growths: list[Growth],
) -> dict:
    differences = compare_pairs(test, 0.02)
    chance = measure_chance(test[SCENARIOS[0]])
    known = comparison, differences, chance, data, ["AMD"], SETTINGS, searches, growths
    verdict = asdict(judge(*known))
    run = {"scenario": "fine_tuning", "fold": 1, "seed": 1}
    run |= {"train_accuracy": 0.99, "val_accuracy": 0.9}
    return {
        "split": "test",
        "verdict": verdict | {"shown": "fine_tuning", "next_steps": ["Look at <i>them</i>."]},
        "scenarios": comparison.set_index("scenario").to_dict("index"),
        "differences": [asdict(difference) for difference in differences],
        "searches": [asdict(search) for search in searches],
        "growths": [asdict(growth) for growth in growths],
        "formats": [
            asdict(
                Format(name, kind, 0.9, 0.88, 0.92, off, off - 0.01, off + 0.01, 0.99, 0.03, told)
            )
            for name in test
            for kind, off, told in (("float32", 0.0, KEPT), ("int8", -0.031, LOST))
        ],
        "most_confused": rank_confusions(tabulate_confusion(test)).to_dict("records"),
        "chance": chance,
        "runs": [run | {"accuracy": 0.8725, "epochs": 12, "best_epoch": 9}],
        "paper": {"name": "x", "citation": CITATION},
    }


def generate_trust(test: dict[str, Predictions]) -> dict:
    return {
        "calibrations": {
            name: asdict(Calibration(1.25, {1: 1.25}, 0.0543, 0.0211, 0.31, 0.29, 0.0123))
            for name in test
        },
        "abstentions": [asdict(answered) for answered in abstain(test)],
        "two_classes": tabulate_two(test).to_dict("records"),
    }


def draw_pictures(
    folder: Path, test: dict[str, Predictions], comparison, scores, data, evidence: dict
) -> None:
    """Draws what the stages draw; pictures of images are white."""
    rng = np.random.default_rng(0)
    curves = pd.DataFrame(
        [
            (scenario, seed, epoch, split, quantity, rng.random())
            for scenario in SCENARIOS for seed in (1, 2) for epoch in (1, 2, 3)
            for split in ("train", "val") for quantity in ("accuracy", "loss")
        ],
        columns=["scenario", "seed", "epoch", "split", "quantity", "value"],
    )  # fmt: skip
    classes = list(data["classes"])
    figures.draw_learning_curves(folder / "learning_curves.png", curves)
    pairs = evidence["differences"]
    figures.draw_verdict(folder / "verdict.png", comparison, 0.31, pairs, 0.02, "fine_tuning")
    figures.draw_costs(folder / "cost.png", comparison)
    figures.draw_confusions(folder / "confusion.png", tabulate_confusion(test), classes)
    figures.draw_class_scores(folder / "classes.png", scores)
    figures.draw_reliability(folder / "reliability.png", tabulate_reliability(test))
    figures.draw_abstention(folder / "abstention.png", follow_abstention(test))
    drawn = tabulate_curves(test, tabulate_ranking(test))
    figures.draw_rankings(folder / "ranking.png", *drawn, classes)
    figures.draw_class_sizes(folder / "class_sizes.png", pd.DataFrame(data["classes"]).T)
    best = {search["scenario"]: follow_best(make_trials()) for search in evidence["searches"]}
    figures.draw_search(folder / "tuning.png", best)
    figures.draw_growths(folder / "more_images.png", evidence["growths"])
    grids.draw_gallery(folder / "gallery.png", np.zeros((0, 8, 8, 3), np.uint8), [])
    images = np.full((len(classes), 8, 8, 3), 200, np.uint8)
    grids.draw_samples(folder / "samples.png", images, np.arange(len(classes)), classes)
    grids.draw_views(folder / "augmentation.png", images[:2], np.stack([images[:2]] * 3, axis=1))


def make_content(folder: Path, classes: list[str], tuned: bool, images: int = 240) -> dict:
    """Makes the report's content of generated predictions, with the pictures.

    Args:
        folder: for pictures.
        classes: class names.
        tuned: whether recipes were tuned, and networks trained on fewer images as well.
        images: that are tested.
    """
    test = generate_predictions(classes, images, seeds=3)
    record = {"step": 9, "final": {"train_accuracy": 0.99, "val_accuracy": 0.9, "best_epoch": 10}}
    record["final"]["val_loss"] = 0.3
    costs, data = generate_costs(), generate_data(classes)
    records = {name: {Run(name, 1, 1): record} for name in SCENARIOS}
    comparison = compare_scenarios(test, "test", records, costs)
    scores = tabulate_classes(test).assign(recall_low=0.5, recall_high=np.nan)
    searches = generate_searches() if tuned else []
    growths = [make_growth(name) for name in SCENARIOS] if tuned else []
    evidence = generate_evidence(test, comparison, data, searches, growths)
    draw_pictures(folder, test, comparison, scores, data, evidence)
    # The mean over seeds is hardly ever wrong.
    suspects = find_suspects(generate_predictions(classes, images, seeds=1)["baseline_cnn"])
    layers = pd.DataFrame(
        {"layer": ["dense"], "type": ["Dense"], "output": ["4"], "parameters": [8]}
    )
    finding = asdict(Finding("F1 of <i>", "Table 1", "0.9", "error"))
    provenance = {"commit": "abc1234", "dirty": True, "date": "2026-11-25", "looks_at_test": 3}
    trust = generate_trust(test)
    return {
        "evidence": evidence,
        "trust": trust,
        "table": set_scenarios_across(present_comparison(comparison)),
        "methods": describe_methods(evidence, data, VERSIONS, SETTINGS),
        "explanation": explain_comparison(comparison, data),
        "runs": present_runs(evidence["runs"]),
        "classes": present_classes(scores),
        "class_scores": present_class_scores(scores),
        "labels": list_labels(classes),
        "suspects": present_suspects(suspects[:NUM_SHOWN]),
        "num_suspects": len(suspects),
        "abstentions": present_abstentions(trust["abstentions"]),
        "rankings": {name: present_ranking(tabulate_ranking(test), name) for name in FIGURES},
        "two_classes": present_two_classes(trust["two_classes"]),
        "formats": present_formats(evidence["formats"], costs),
        "costs": costs,
        "data": data,
        "left_out": present_left_out(data),
        "provenance": provenance,
        "layers": dict.fromkeys(SCENARIOS, layers),
        "pictures": embed_pictures(folder),
        "audit": pd.DataFrame([{"paper": "x"} | finding]),
        "tuning": present_tuning(evidence["searches"], make_trials()),
        "growths": present_growths(evidence["growths"]),
        "published": present_published(set_beside(PAPER, Results(comparison, scores, test, test))),
        "beside": explain_published(CITATION, []),
        "params": "data:\n  source: </pre><script>alert(2)</script>\n",
    }


NAMES = {
    "hostile names": sorted(HOSTILE),
    "names in other letters": sorted(FOREIGN),
    "80 classes": [f"class number {number:03d}" for number in range(80)],
}


@pytest.fixture(scope="module", params=NAMES)
def content(request, tmp_path_factory) -> dict:
    return make_content(tmp_path_factory.mktemp("pictures"), NAMES[request.param], tuned=True)


@pytest.fixture(scope="module")
def page(content) -> str:
    return render_report(**content)


def test_the_verdict_comes_first_and_names_stay_text(page):
    text = page
    assert "<script>" not in text
    headline = re.search(r'<p class="headline">(.*?)</p>', text).group(1)
    assert html.unescape(headline).startswith("Use fine_tuning: ")
    assert text.index(headline) < text.index("<table>")
    assert "{{" not in text.replace(html.escape(HOSTILE[4]), "")


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> dict:
    return make_content(tmp_path_factory.mktemp("plain"), ["shirts", "shoes"], tuned=False)


def read_text(content: dict) -> str:
    """Renders a page and leaves its words, one space between them."""
    text = re.sub(r"<style>.*</style>|<[^>]*>", " ", render_report(**content), flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def test_origin_chance_next_steps_and_latency_are_told(plain):
    text = read_text(plain)
    assert "What to do next Look at <i>them</i>." in text
    assert (
        "<b>my</b> images.zip (digest of names and contents 0123456789ab), 2026-11-25, commit "
        "abc1234 with uncommitted changes. By this repository's history this is look number 3 at"
    ) in text
    assert "a class at random is right 50.0 % of the time, always “shirts” 50.0 %." in text
    assert "one at a time 3.1 (2.9 to 4.0)" in text
    assert "fine_tuning 1 1 99.0 90.0 87.2 12 9" in text
    assert "The least likely labels of the test split, by fine_tuning" in text


def test_how_sure_it_is_and_what_a_device_gets_is_told(plain):
    text = read_text(plain)
    assert "temperature 1.25 1.25 1.25" in text
    assert (
        "expected calibration error before, points 5.4 5.4 5.4 "
        "expected calibration error after, points 2.1 2.1 2.1 "
        "the same of calibrated answers, by chance, points 1.2 1.2 1.2 log loss before 0.310"
    ) in text
    assert "that is smaller may be luck" in text
    assert "one class against the rest, by the mean probability over seeds" in text
    rows = plain["evidence"]["scenarios"]
    once = {name: row | {"seeds": 1, "repeats": 1} for name, row in rows.items()}
    alone = read_text(plain | {"evidence": plain["evidence"] | {"scenarios": once}})
    assert "by the mean probability over seeds" not in alone
    assert "“shoes” counts as positive" in text
    assert (
        "baseline_cnn, int8 2.35 12 3.1, 0.50 50 90.0 (88.0 to 92.0) -3.1 (-4.1 to -2.1) 99.0 0.03 "
        "lost"
    ) in text
    assert "baseline_cnn, float32 2.35 12 3.1, 0.50 - 90.0" in text
    assert re.search(r"answered baseline_ ?cnn feature_ ?extraction fine_ ?tuning 100 % \d", text)
    wrong = plain["num_suspects"]
    assert wrong > 0
    assert f"{wrong} of 240 images are called otherwise than their label" in text
    none = read_text(plain | {"num_suspects": 0})
    assert "fine_tuning gets no image of the test split wrong." in none
    # Of what was not exported, or is judged by what it was fitted to, nothing is said.
    evidence = plain["evidence"] | {"split": "val"}
    text = read_text(plain | {"formats": present_formats([], {}), "evidence": evidence})
    assert "On a small device" not in text
    assert "calibration error" not in text
    assert "log loss before" not in text
    assert "before and after" not in text.lower()
    assert "temperature 1.25" in text


def test_many_files_left_out_are_noticed_and_few_are_only_counted(plain):
    text = read_text(plain)
    notice = "14 of 98 files were left out (not an image: 14). Look at data/pipeline/rejected.csv"
    assert notice in text
    assert "shirts 56 14 25.0" in text
    few = {"lost": 1, "rejected_by_class": {"shirts": 1}, "lost_by_reason": {"a copy": 1}}
    text = read_text(plain | {"data": plain["data"] | few})
    assert "1 of 98 files were left out (a copy: 1)." in text
    assert "Look at data/pipeline/rejected.csv" not in text


@pytest.mark.parametrize(
    ("lost", "by_class", "many"),
    [(4, {"a": 4}, False), (5, {"a": 5}, True), (2, {"b": 1}, False), (3, {"b": 2}, True)],
)
def test_a_twentieth_of_the_files_or_a_quarter_of_a_class_is_many(lost, by_class, many):
    files = {"a": 92, "b": 8}
    data = {"lost": lost, "files": 100, "files_by_class": files}
    assert leaves_out_many(data | {"rejected_by_class": by_class}) is many


@pytest.mark.parametrize(
    ("split", "looks", "words"),
    [
        ("test", None, "How often the test images were looked at is not known."),
        ("test", 1, "By this repository's history this is look number 1 at these test images: "),
        ("val", None, "How often the test images were looked at is not known; this page does not"),
        ("val", 1, "1 result on these test images is committed in this repository's history; "),
        ("val", 0, "No results on these test images are committed in this repository's history; "),
    ],
)
def test_looks_at_the_test_images_are_counted(split, looks, words):
    assert describe_looks(split, looks).startswith(words)


def test_without_git_the_commit_is_not_known():
    data = {"source": "photos", "digest": "ab" * 32}
    provenance = {"commit": None, "dirty": False, "date": "2026-11-25"}
    expected = "photos (digest of names and contents abababababab), 2026-11-25, commit not known."
    assert describe_provenance(data, provenance) == expected


def test_a_page_of_the_validation_split_says_so_at_its_top_and_never_says_test_split(plain):
    evidence = plain["evidence"] | {"split": "val"}
    evidence["verdict"] = evidence["verdict"] | {"headline": "Use it.", "findings": []}
    text = read_text(plain | {"evidence": evidence, "explanation": ""})
    assert text.index("No network was judged by the test images of its fold") < text.index(
        "Use it."
    )
    assert "The comparison on the validation split" in text
    assert "test split" not in text


def test_papers_are_mentioned_only_where_one_is_active(plain):
    assert "The paper's own figures, computed again: 1 finding printed" in read_text(plain)
    nothing = plain["audit"].iloc[:0]
    evidence = plain["evidence"] | {"paper": None}
    text = read_text(plain | {"evidence": evidence, "audit": nothing})
    assert "paper" not in text.lower()


def test_a_clone_without_the_images_says_how_to_make_their_pictures(plain):
    pictures = {name: plain["pictures"][name] for name in plain["pictures"] if name != "samples"}
    page = render_report(**plain | {"pictures": pictures})
    assert "plots/samples.png is not here, for it shows the images themselves" in page
    assert "<code>dvc repro</code> makes it" in page
    assert page.count("<img ") == 11


def test_pictures_have_the_words_of_their_name_and_those_of_images_may_lack(tmp_path):
    for name in PICTURES:
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    (tmp_path / "samples.png").write_bytes(b"samples")
    found = embed_pictures(tmp_path)
    assert [*found] == [*PICTURES, "samples"]
    assert found["tuning"] == embed_picture(tmp_path / "tuning.png", PICTURES["tuning"])
    assert found["samples"].text == PICTURES_OF_IMAGES["samples"]
    (tmp_path / "tuning.png").unlink()
    with pytest.raises(FileNotFoundError):
        embed_pictures(tmp_path)


TUNED = "What tuning brought scenario as written tuned gained, points"
GROWN = "Would more images help? More images to train on make a network better;"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory) -> dict:
    return make_content(tmp_path_factory.mktemp("tuned"), ["shirts", "shoes"], tuned=True)


def test_what_tuning_and_more_images_bring_is_told_where_it_is_known(tuned, plain):
    text = read_text(tuned)
    assert "Each scenario was tuned with 12 trials in each fold, " in text
    assert "the test images: baseline_cnn +1.2 points (-0.1 to 2.5), feature_ext" in text
    assert "(tuning.baseline_cnn.learning_rate) may do better." in text
    assert TUNED in text
    assert "baseline_cnn 90.0 91.2 +1.2 -0.1 to 2.5 0 100 0 62 feature_extraction" in text
    assert "Accuracy in %, on the test split, of the first seed. Trials of a fold saw" in text
    assert "baseline_cnn learning_rate 0.001 0.01, 0.01, 0.01, 0.01, 0.01 5" in text
    assert "baseline_cnn 1 2 3 3 0.500 90.0 learning_rate 0.01, dropout 0.2, " in text
    assert GROWN in text
    assert "baseline_cnn 2,400 92.1 88.0 to 95.0 forecast" in text
    assert "With twice the training images (2,400) baseline_cnn can be expected" in text
    assert "trials, all of them, seconds 1234.6 1234.6 1234.6" in text
    for words in ("Each scenario was tuned", TUNED[:20], GROWN[:23], "forecast"):
        assert words not in read_text(plain)
    assert render_report(**plain).count("<img ") == 12


def test_suspects_are_some_of_the_images_that_were_judged(tuned):
    evidence = tuned["evidence"]
    shown = evidence["verdict"]["shown"]
    judged = evidence["scenarios"] | {shown: evidence["scenarios"][shown] | {"images": 61}}
    text = read_text(tuned | {"evidence": evidence | {"scenarios": judged}})
    assert " of 61 images are called otherwise than their label" in text


def test_how_many_images_it_takes_to_tell_is_said_where_more_are_asked_about(tuned):
    def read(needed: int | None) -> str:
        verdict = tuned["evidence"]["verdict"]
        decision = verdict["decision"] | {"images_needed": needed}
        decision |= {"choice": "baseline_cnn", "rival": "fine_tuning"}
        changed = tuned["evidence"] | {"verdict": verdict | {"decision": decision}}
        return read_text(tuned | {"evidence": changed})

    said = (
        "To test on: 240 images were tested, and about 790 would probably tell whether fine_tuning "
        "is more than 2 points better than baseline_cnn, were the two equal."
    )
    assert said in read(783)
    # As many as there are, and none that is known.
    assert "To test on" not in read(240)
    assert "To test on" not in read(None)


def test_classes_are_listed_where_pictures_do_not_name_them(plain):
    assert "What the pictures call the classes" not in read_text(plain)
    labels = {"shirts": "shirts", "上衣": "#2"}
    expected = (
        "What the pictures call the classes number in pictures class 1 shirts shirts 2 #2 上衣"
    )
    assert expected in read_text(plain | {"labels": labels})


def test_nothing_is_loaded_and_every_picture_has_words(page):
    text = page
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', text)
    assert sources
    assert all(source.startswith("data:") for source in sources)
    assert "url(" not in text
    pictures = re.findall(r"<img [^>]*>", text)
    assert len(pictures) == 14
    assert all(re.search(r'alt="[^"]+"', picture) for picture in pictures)


def inspect_page(text: str, width: int, folder: Path) -> tuple[dict, str]:
    """Shows a page in Chromium, so wide: what it says of itself, and the browser's log."""
    (folder / "probed.html").write_text(
        text.replace("</body>", f"{PROBE}</body>"), encoding="utf-8"
    )
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
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_in_a_browser_it_fits_shows_and_requests_nothing(page, width, tmp_path):
    found, log = inspect_page(page, width, tmp_path)
    assert found["inner"] == width
    assert found["wide"] <= width
    assert found["pictures"] == [True] * 14
    assert [name for name in found["requests"] if not name.startswith("data:")] == []
    assert "CONSOLE" not in log
    # The first is the comparison: it fits. Whatever does not has shadows that say so.
    assert found["over"][0] == 0
    assert set(found["shadows"]) == {4}
    assert not any(found["folded"])


@needs_chromium
def test_in_print_no_table_is_cut_and_nothing_is_folded(page, tmp_path):
    printed = page.replace("@media print", "@media all")
    found, _ = inspect_page(printed, A4_WIDTH, tmp_path)
    assert set(found["over"]) == {0}
    assert set(found["shadows"]) == {0}
    assert len(found["folded"]) >= 8
    assert all(found["folded"])


@needs_chromium
def test_the_browser_test_sees_what_it_looks_for(tmp_path):
    bad = """<!DOCTYPE html><body><p style="width: 600px">wide</p>
    <img src="http://127.0.0.1:9/missing.png"><script>console.error("heard")</script></body>"""
    found, log = inspect_page(bad, 390, tmp_path)
    assert found["wide"] > 390
    assert found["pictures"] == [False]
    assert [name.rsplit("/", 1)[1] for name in found["requests"]] == ["missing.png"]
    assert "heard" in log


def test_a_class_without_images_has_no_rank_in_the_table():
    none = dict.fromkeys(["auc", "auc_low", "auc_high"], float("nan"))
    row = {"scenario": "fine_tuning", "of": "class", "class": "empty"} | none
    assert present_ranking(pd.DataFrame([row]), "auc").to_dict("records") == [
        {"class": "empty", "fine_tuning": "-"}
    ]
