"""Says how far answers can be trusted: how sure they are, and which labels to doubt.

Reads metrics/<scenario>/predictions.csv and metrics/comparison.json. Writes metrics/trust.json
(what calibration and abstention bring), metrics/ranking.csv (AUC and average precision),
metrics/suspects.csv, and under plots/ abstention.csv, roc.csv and precision_recall.csv.
"""

from dataclasses import asdict

from threeway.artefacts import METRICS, PLOTS
from threeway.errors import run_stage
from threeway.evidence.abstention import abstain, follow_abstention
from threeway.evidence.answers import read_scenarios
from threeway.evidence.calibration import calibrate_scenarios
from threeway.evidence.ranking import tabulate_curves, tabulate_ranking, tabulate_two
from threeway.evidence.suspects import find_suspects
from threeway.records import read_json, write_csv, write_json
from threeway.scenarios import SCENARIOS


def main() -> None:
    evidence = read_json(METRICS / "comparison.json")
    folders, split = {name: METRICS / name for name in SCENARIOS}, evidence["split"]
    judged = read_scenarios(folders, split)
    calibrated, calibrations = calibrate_scenarios(folders, judged, split)
    found = {
        "calibrations": {name: asdict(calibration) for name, calibration in calibrations.items()},
        "abstentions": [asdict(answered) for answered in abstain(calibrated)],
        "two_classes": tabulate_two(judged).to_dict("records"),
    }
    write_json(METRICS / "trust.json", found)
    ranking = tabulate_ranking(judged)
    write_csv(METRICS / "ranking.csv", ranking)
    suspects = find_suspects(judged[evidence["verdict"]["shown"]]).drop(columns="confidence")
    write_csv(METRICS / "suspects.csv", suspects.round({"score": 4}))
    write_csv(PLOTS / "abstention.csv", follow_abstention(calibrated))
    for name, curves in zip(
        ("roc", "precision_recall"), tabulate_curves(judged, ranking), strict=True
    ):
        write_csv(PLOTS / f"{name}.csv", curves)


if __name__ == "__main__":
    run_stage(main)
