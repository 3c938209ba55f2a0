"""Puts everything on one page that loads nothing.

Reads params.yaml (as text), all of metrics/ and the pictures under plots/. Writes
plots/report.html.
"""

import json
from pathlib import Path

import pandas as pd

from threeway.errors import run_stage
from threeway.report import embed_picture, render_report
from threeway.scenarios import SCENARIOS, TITLES
from threeway.tables import (
    explain_comparison,
    explain_published,
    present_class_scores,
    present_classes,
    present_comparison,
    present_published,
)

METRICS, PLOTS = Path("metrics"), Path("plots")
# A figure stays as printed; a class may be called "NA".
TEXT = dict.fromkeys(["published", "class_name"], str)
NO_INTERVAL = {"low": [""], "high": [""]}
# Every picture with what a reader who cannot see it should know.
PICTURES = {
    "accuracy": "Test accuracy of each scenario with its 95 % interval, as in the table",
    "learning_curves": "Accuracy and loss by epoch on train and val, mean over seeds",
    "confusion": "Confusion matrix of each scenario, as shares of the actual class",
    "classes": "F1 of each class in each scenario, as in the table of classes",
    "gallery": "Misclassified test images, surest first, with actual and predicted class",
    "reliability": "Share of right answers against the confidence of the network, by scenario",
    "cost": "Test accuracy against multiply-adds an image and against trained parameters",
    "class_sizes": "Images of each class in train, val and test",
    "samples": "Training images of each class",
    "augmentation": "Training images beside augmented views of them",
}


def read_json(name: str) -> dict:
    return json.loads((METRICS / name).read_text())


def main() -> None:
    evidence = read_json("comparison.json")
    published = pd.read_csv(
        METRICS / "published.csv", dtype=TEXT, keep_default_na=False, na_values=NO_INTERVAL
    )
    comparison = pd.read_csv(METRICS / "comparison.csv")
    classes = pd.read_csv(METRICS / "classes.csv", dtype={"class": str}, keep_default_na=False)
    data = read_json("data.json")
    layers = {name: pd.read_csv(METRICS / name / "layers.csv") for name in SCENARIOS}
    page = render_report(
        evidence=evidence,
        table=present_comparison(comparison),
        explanation=explain_comparison(comparison, data),
        classes=present_classes(classes),
        class_scores=present_class_scores(classes),
        costs=read_json("cost.json"),
        data=data,
        layers=layers,
        titles=TITLES,
        pictures={
            name: embed_picture(PLOTS / f"{name}.png", text) for name, text in PICTURES.items()
        },
        audit=pd.read_csv(METRICS / "audit.csv"),
        published=present_published(published),
        beside=explain_published(*map(evidence["paper"].get, ("citation", "deviations")))
        if evidence["paper"]
        else "",
        params=Path("params.yaml").read_text(),
    )
    (PLOTS / "report.html").write_text(page)


if __name__ == "__main__":
    run_stage(main)
