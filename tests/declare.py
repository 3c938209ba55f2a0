"""Writes into dvc.yaml which of the project's modules each stage uses: DVC does not follow imports.

    python -m tests.declare

The rest of dvc.yaml, comments too, stays as it is.
"""

import ast
import io
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

ROOT = Path(__file__).parents[1]
PIPELINE = ROOT / "dvc.yaml"
# No output depends on these, so that to touch them trains nothing again: two only talk; settings
# only checks what params.yaml says, and hands it on as it is; artefacts says where things are, as
# dvc.yaml does, of which DVC takes notice; and how work is executed changes no bit. Tests hold them
# to it.
WITHOUT_EFFECT = {
    ROOT / "threeway" / name for name in ("artefacts.py", "errors.py", "progress.py", "settings.py")
} | {*(ROOT / "threeway/execution").glob("*.py")}


def list_imports(path: Path) -> set[Path]:
    """Lists the project's modules that a module imports, or runs by name, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            # "from threeway import x" imports the module x.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and str(node.value).startswith("threeway."):
            # python -m threeway.model.probe
            names = [node.value]
        paths = [ROOT / f"{name.replace('.', '/')}.py" for name in names]
        found |= {path for path in paths if path.is_file()}
    return found


def follow_imports(path: Path) -> set[str]:
    """Lists a module and those behind it that have an effect, as paths from the root."""
    seen, waiting = set(), [path]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += list_imports(module) - WITHOUT_EFFECT
    return {module.relative_to(ROOT).as_posix() for module in seen}


def declare_code(text: str) -> str:
    """Gives dvc.yaml's text with the deps of each stage that are code made anew.

    Args:
        text: of dvc.yaml.
    """
    yaml, written = YAML(), io.StringIO()
    yaml.preserve_quotes, yaml.width = True, 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    pipeline = yaml.load(text)
    for name, stage in pipeline["stages"].items():
        others = {dep for dep in stage["deps"] if not dep.endswith(".py")}
        code = follow_imports(ROOT / f"stages/{name}.py")
        stage["deps"] = CommentedSeq(sorted(others | code))
    yaml.dump(pipeline, written)
    # A blank line between stages, which lists made anew do not carry.
    lines = []
    for line in written.getvalue().splitlines():
        starts = line.startswith("  ") and line[2] not in " -#" and lines[-1] != "stages:"
        if (starts or line == "plots:") and lines[-1]:
            lines.append("")
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    PIPELINE.write_text(declare_code(PIPELINE.read_text()))


if __name__ == "__main__":
    main()
