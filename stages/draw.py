"""Draws the comparison's pictures for print.

Reads metrics/ and the CSVs under plots/. Writes plots/{abstention,class_sizes,classes,confusion,
cost,learning_curves,more_images,ranking,reliability,tuning,verdict}.png.
"""

import pandas as pd

from threeway.artefacts import METRICS, PLOTS
from threeway.errors import run_stage
from threeway.evidence.answers import read_scenarios
from threeway.evidence.comparison import tabulate_reliability
from threeway.evidence.search import follow_best
from threeway.reading import figures
from threeway.records import read_csv, read_json
from threeway.scenarios import SCENARIOS

CURVES = ("roc", "precision_recall")


def main() -> None:
    comparison = read_csv(METRICS / "comparison.csv")
    classes = read_csv(METRICS / "classes.csv", text=["class"])
    confusion = read_csv(PLOTS / "confusion.csv", text=["actual", "predicted"])
    evidence, data = read_json(METRICS / "comparison.json"), read_json(METRICS / "data.json")
    judged = read_scenarios({name: METRICS / name for name in SCENARIOS}, evidence["split"])
    names = judged[SCENARIOS[0]].classes

    decision = evidence["verdict"]["decision"]
    figures.draw_verdict(
        PLOTS / "verdict.png",
        comparison,
        evidence["chance"]["majority"],
        evidence["differences"],
        decision["margin"],
        decision["choice"],
    )
    figures.draw_learning_curves(
        PLOTS / "learning_curves.png", read_csv(PLOTS / "learning_curves.csv")
    )
    figures.draw_confusions(PLOTS / "confusion.png", confusion, names)
    figures.draw_class_scores(PLOTS / "classes.png", classes)
    figures.draw_reliability(PLOTS / "reliability.png", tabulate_reliability(judged))
    figures.draw_abstention(PLOTS / "abstention.png", read_csv(PLOTS / "abstention.csv"))
    curves = [read_csv(PLOTS / f"{name}.csv", text=["class"]) for name in CURVES]
    figures.draw_rankings(PLOTS / "ranking.png", *curves, names)
    figures.draw_costs(PLOTS / "cost.png", comparison)
    trials = read_csv(METRICS / "tuning.csv")
    figures.draw_search(
        PLOTS / "tuning.png",
        {name: follow_best(rows) for name, rows in trials.groupby("scenario", sort=False)},
    )
    figures.draw_growths(PLOTS / "more_images.png", evidence["growths"])
    counts = pd.DataFrame.from_dict(data["classes"], orient="index")
    figures.draw_class_sizes(PLOTS / "class_sizes.png", counts)


if __name__ == "__main__":
    run_stage(main)
