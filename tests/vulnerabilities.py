"""Asks the Python index for known vulnerabilities of what requirements.txt pins.

    python -m tests.vulnerabilities

Installs pip-audit into a temporary environment. Exit status 1 names what is vulnerable; where the
index cannot be asked, a loud line says how many packages went unchecked, and the status is 0.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIP_AUDIT = "pip-audit==2.10.1"


def ask_index(folder: Path) -> list[dict]:
    """Lists each pinned package: name, and either vulns or skip_reason."""
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    install = [scripts / "python", "-m", "pip", "install", "--quiet", PIP_AUDIT]
    subprocess.run(install, check=True)
    command = [scripts / "pip-audit", "--disable-pip", "--require-hashes", "--format", "json"]
    command += ["--progress-spinner", "off", "--requirement", ROOT / "requirements.txt"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if not result.stdout.strip():
        return [{"name": "all packages", "skip_reason": result.stderr.strip()[-300:]}]
    return json.loads(result.stdout)["dependencies"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        packages = ask_index(Path(folder))
    skipped = [package for package in packages if "skip_reason" in package]
    if skipped:
        print(
            f"SKIPPED: {len(skipped)} of {len(packages)} pinned packages were not checked for "
            f"vulnerabilities; {skipped[0]['name']}: {skipped[0]['skip_reason']}"
        )
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, mended in "
        f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    if found:
        sys.exit("\n".join(found))
    if len(skipped) < len(packages):
        print(f"{len(packages) - len(skipped)} pinned packages have no known vulnerability")


if __name__ == "__main__":
    main()
