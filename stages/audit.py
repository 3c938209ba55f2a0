"""Checks the papers' printed figures against each other.

Reads papers/*.yaml. Writes metrics/audit.csv, one row a finding.
"""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from threeway.artefacts import METRICS
from threeway.errors import run_stage
from threeway.papers.audit import Finding, audit_paper
from threeway.papers.paper import read_paper
from threeway.records import write_csv


def main() -> None:
    rows = []
    for path in sorted(Path("papers").glob("*.yaml")):
        findings = audit_paper(read_paper(path))
        rows += [{"paper": path.stem} | asdict(finding) for finding in findings]
        print(f"{path.stem}: {len(findings)} findings")
    columns = ["paper", *Finding.__dataclass_fields__]
    table = pd.DataFrame(rows, columns=columns)
    write_csv(METRICS / "audit.csv", table)


if __name__ == "__main__":
    run_stage(main)
