"""The runtime is installed in users' environments: it must parse, and compile, on Python 3.9."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

import mlstack_serving

PACKAGE = Path(mlstack_serving.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_parses_as_python_39(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))
    futures = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert [name.name for node in futures for name in node.names] == ["annotations"]


def test_imports_nothing_but_what_it_declares() -> None:
    """Beside the standard library: uvicorn; what models need is imported by name, when it is needed."""
    import sys

    found = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    assert found - sys.stdlib_module_names == {"mlstack_serving", "uvicorn"}


def test_compiles_where_a_python_39_is_found(tmp_path: Path) -> None:
    python = shutil.which("python3.9")
    if python is None or subprocess.run([python, "--version"], capture_output=True).returncode != 0:
        pytest.skip("no working python3.9 on this machine")
    copy = tmp_path / "mlstack_serving"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([python, "-m", "compileall", "-q", str(copy)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
