"""The report: one HTML page with its pictures inside."""

import base64
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from threeway.evidence.left_out import leaves_out_many
from threeway.evidence.verdict import round_up
from threeway.evidence.wording import name_points, points
from threeway.reading.tables import format_latency

SPLIT_NAMES = {"test": "test", "val": "validation"}
TITLES = {
    "baseline_cnn": "CNN from scratch",
    "feature_extraction": "frozen MobileNetV2",
    "fine_tuning": "fine-tuned MobileNetV2",
}
# Every picture with what a reader who cannot see it should know.
PICTURES = {
    "verdict": "Accuracy of each scenario and difference of each pair, each with its interval",
    "learning_curves": "Accuracy and loss by epoch on train and val, mean over runs",
    "tuning": "Lowest loss on val so far against the number of trials, by scenario",
    "more_images": "Accuracy against the number of training images, and a forecast for twice these",
    "confusion": "Confusion matrix of each scenario, in percent of the actual class",
    "classes": "F1 of each class in each scenario, as in the table of classes",
    "reliability": "Share of right answers against the confidence of the network, by scenario",
    "abstention": "Accuracy against the share of images that is answered, by scenario",
    "ranking": "ROC and precision-recall curves of classes, by scenario",
    "cost": "Accuracy against multiply-adds an image and against trained parameters",
    "class_sizes": "Images of each class in train, val and test",
}
# These show the images, which git does not have: a fresh clone lacks them.
PICTURES_OF_IMAGES = {
    "gallery": "Images whose label is doubted most, with the given and the likely class",
    "samples": "Training images by class",
    "augmentation": "Training images beside augmented views of them",
}


@dataclass(frozen=True)
class Picture:
    """A picture as a page holds it: data URI, and the words for who cannot see it."""

    source: str
    text: str


def embed_picture(path: Path, text: str) -> Picture:
    """Reads a PNG to be shown in a page that loads nothing."""
    content = base64.b64encode(path.read_bytes()).decode()
    return Picture(f"data:image/png;base64,{content}", text)


def embed_pictures(folder: Path) -> dict[str, Picture]:
    """Reads all pictures of the page, by name; those that show images where they are there."""
    paths = {name: folder / f"{name}.png" for name in PICTURES | PICTURES_OF_IMAGES}
    here = {name: text for name, text in PICTURES_OF_IMAGES.items() if paths[name].exists()}
    return {name: embed_picture(paths[name], text) for name, text in (PICTURES | here).items()}


def describe_provenance(data: dict, provenance: dict) -> str:
    """Says of which images and of which state of the code a page speaks.

    Args:
        data: source and digest of the images (of names and contents, hexadecimal).
        provenance: commit or None, dirty, date.
    """
    changes = " with uncommitted changes" if provenance["dirty"] else ""
    commit = f"commit {provenance['commit']}" if provenance["commit"] else "commit not known"
    images = f"{data['source']} (digest of names and contents {data['digest'][:12]})"
    return f"{images}, {provenance['date']}, {commit}{changes}."


def describe_looks(split: str, looks: int | None) -> str:
    """Says how often the test images were looked at: every choice made after a look is fitted.

    Args:
        split: what the scenarios are compared on, "test" or "val".
        looks: results on these test images that were committed, and on test this one; None where
            the history does not tell.
    """
    history = "this repository's history"
    if looks is None:
        seen = "How often the test images were looked at is not known"
    elif split == "test":
        return (
            f"By {history} this is look number {looks} at these test images: what is chosen after "
            "a look at them no longer has an untouched test."
        )
    else:
        results, are = ("result", "is") if looks == 1 else ("results", "are")
        seen = f"{looks or 'No'} {results} on these test images {are} committed in {history}"
    return f"{seen}; this page does not look at them." if split == "val" else f"{seen}."


def describe_chance(chance: dict) -> str:
    """Says what answers without looking would score.

    Args:
        chance: uniform and majority, accuracies in [0, 1], and majority_class.
    """
    return (
        f"Without looking at an image: a class at random is right {100 * chance['uniform']:.1f} % "
        f"of the time, always “{chance['majority_class']}” {100 * chance['majority']:.1f} %."
    )


def break_name(name: str) -> Markup:
    """Lets a browser break a name after its underscores."""
    return Markup("_<wbr>").join(escape(name).split("_"))


def render_report(**content: object) -> str:
    """Renders the page; whatever classes and files are called stays text.

    Args:
        **content: what report.html shows, each by its name:
            evidence (metrics/comparison.json), trust (metrics/trust.json), costs
            (metrics/cost.json), data (metrics/data.json), provenance (metrics/provenance.json) and
            params (params.yaml) as they are;
            table (the comparison), runs, classes (F1 of each), class_scores (precision, recall and
            F1), suspects (of num_suspects), left_out and published (a paper's figures beside ours),
            as the `present` functions of tables round them, with explanation and beside to say what
            they are;
            methods, a paragraph; labels, what the pictures call each class, by class; audit, one
            row a finding on the paper; layers, a table by scenario;
            tuning (as present_tuning makes it), growths (present_growths), abstentions, rankings
            (by figure), two_classes and formats (as the functions of reading.use make them);
            pictures, each a Picture, by name: samples, gallery and augmentation may lack.

    Raises:
        jinja2.UndefinedError: one of them is missing.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = points
    environment.filters["number"] = lambda count: f"{count:,.0f}"
    environment.filters["latency"] = format_latency
    environment.filters["round_up"] = round_up
    environment.filters["break_name"] = break_name
    page = environment.get_template("report.html")
    evidence, data, provenance = (content[key] for key in ("evidence", "data", "provenance"))
    return page.render(
        content,
        titles=TITLES,
        split=SPLIT_NAMES[evidence["split"]],
        judged=evidence["scenarios"][evidence["verdict"]["shown"]]["images"],
        margin=name_points(evidence["verdict"]["decision"]["margin"]),
        origin=describe_provenance(data, provenance),
        looks=describe_looks(evidence["split"], provenance["looks_at_test"]),
        chance=describe_chance(evidence["chance"]),
        leaves_out_many=leaves_out_many(data),
        several=any(row["seeds"] * row["repeats"] > 1 for row in evidence["scenarios"].values()),
    )
