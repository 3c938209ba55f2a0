"""Whether the verdict depends on the luck of the division.

    python -m benchmarks.divisions RESOLUTION SOURCE...

For each SOURCE, a folder of images, the whole comparison is made with each of three values of
data.seed: of one division with three seeds of training, and of five folds with one. Results are
added to benchmarks/divisions.csv, and what is there is not made again. It works in a copy of the
project; `python -m benchmarks.readme` makes the tables.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.checkout import ROOT, change_params, copy_working_tree, run
from threeway.scenarios import SCENARIOS

PATH = ROOT / "benchmarks/divisions.csv"
SEEDS = (2026, 2027, 2028)
# Runs of each scenario: as the first version of this project had them, and as this one has.
DIVISIONS = {
    "one division, three seeds": ({"folds": 1}, [1, 2, 3]),
    "five folds": ({"folds": 5}, [1]),
}
# No more than what the verdict needs.
ALONE = {"learning_curve": {"shares": []}, "export": {"formats": []}, "machine": {"threads": 1}}


def run_comparison(project: Path, source: Path, resolution: int, kind: str, seed: int) -> dict:
    """Makes a whole comparison, and returns the content of its comparison.json."""
    data, seeds = DIVISIONS[kind]
    changes = {
        "data": data | {"source": str(source), "seed": seed},
        "image": {"resolution": resolution},
        "training": {"seeds": seeds},
    }
    change_params(project, ALONE, changes)
    run(project, "dvc", "repro", "compare")
    return json.loads((project / "metrics/comparison.json").read_text())


def summarise(comparison: dict) -> dict[str, object]:
    """Takes accuracies, differences and the choice from a comparison."""
    scenarios = comparison["scenarios"]
    row = {"tested": scenarios[SCENARIOS[0]]["images"]}
    row |= {scenario: scenarios[scenario]["accuracy"] for scenario in SCENARIOS}
    for pair in comparison["differences"]:
        name = f"{pair['first']} - {pair['second']}"
        row |= {f"{name}, {key}": pair[key] for key in ("difference", "low", "high")}
    return row | {"choice": comparison["verdict"]["choice"]}


def tell(runs: pd.DataFrame, pairs: list[str]) -> np.ndarray:
    """Says of each pair in each run whether the first is better, 1, worse, -1, or neither, 0."""
    lows, highs = (runs[[f"{pair}, {end}" for pair in pairs]] for end in ("low", "high"))
    return (lows.to_numpy() > 0).astype(int) - (highs.to_numpy() < 0)


def count_contradictions(runs: pd.DataFrame, pairs: list[str]) -> int:
    """Counts, among all pairs of runs, the pairs of scenarios that both tell, each otherwise."""
    told = tell(runs, pairs)
    return int(((told > 0).sum(axis=0) * (told < 0).sum(axis=0)).sum())


def describe_moves(shares: pd.DataFrame) -> str:
    """Says how far each column goes from its lowest to its highest row, in points."""
    moves = 100 * (shares.max() - shares.min())
    return f"{moves.mean():.1f}, at most {moves.max():.1f}"


def tabulate(runs: pd.DataFrame) -> pd.DataFrame:
    """Sums up how verdicts of the same images differ: one row a set of images and division."""
    pairs = [name.removesuffix(", difference") for name in runs if name.endswith(", difference")]
    rows = []
    for (images, kind), same in runs.groupby(["images", "division"], sort=False):
        differences, lows, highs = (
            same[[f"{pair}, {key}" for pair in pairs]] for key in ("difference", "low", "high")
        )
        told, widths = tell(same, pairs), 100 * (highs.to_numpy() - lows.to_numpy())
        rows.append(
            {
                "images": images,
                "division": kind,
                "tested": f"{same['tested'].iloc[0]:,}",
                "an accuracy moves by, points": describe_moves(same[list(SCENARIOS)]),
                "a difference moves by, points": describe_moves(differences),
                "its interval is wide, points": f"{widths.mean():.1f}",
                "pairs told": f"{np.count_nonzero(told)} of {told.size}",
                "told otherwise": str(count_contradictions(same, pairs)),
                "use": ", ".join(same["choice"].fillna("none")),
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    resolution, *sources = sys.argv[1:]
    made = pd.read_csv(PATH).to_dict("records") if PATH.exists() else []
    done = {(row["images"], row["division"], row["seed"]) for row in made}
    for source in map(Path, sources):
        with tempfile.TemporaryDirectory() as folder:
            copy_working_tree(Path(folder))
            for seed in SEEDS:
                for kind in DIVISIONS:
                    key = {"images": source.name, "division": kind, "seed": seed}
                    if tuple(key.values()) in done:
                        continue
                    found = run_comparison(
                        Path(folder), source.resolve(), int(resolution), kind, seed
                    )
                    made.append(key | summarise(found))
                    pd.DataFrame(made).to_csv(PATH, index=False)


if __name__ == "__main__":
    main()
