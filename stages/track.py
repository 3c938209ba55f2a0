"""Puts what the stages before it measured under git, once all of it is there.

Reads data/pipeline/runs/, data/pipeline/costs/ and data/pipeline/summary.json. Writes
metrics/<scenario>/ (DVCLive records, predictions.csv and layers.csv), metrics/cost.json and
metrics/data.json.

The training stages write into DVC's cache only: so their results can be had again without
training, and a training that is interrupted does not touch those of the last one.
"""

import json
import shutil
from pathlib import Path

from threeway.errors import run_stage
from threeway.scenarios import SCENARIOS


def main() -> None:
    metrics = Path("metrics")
    metrics.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        shutil.copytree(
            f"data/pipeline/runs/{scenario}", metrics / scenario, copy_function=shutil.copyfile
        )
    costs = {
        name: json.loads(Path(f"data/pipeline/costs/{name}.json").read_text())
        for name in ("features", *SCENARIOS)
    }
    (metrics / "cost.json").write_text(json.dumps(costs, indent=2) + "\n")
    shutil.copyfile("data/pipeline/summary.json", metrics / "data.json")


if __name__ == "__main__":
    run_stage(main)
