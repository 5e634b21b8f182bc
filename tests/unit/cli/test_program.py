"""The example program with components of ours in it: run inline by `mlstack`, and by plain `pulumi`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.engine.install import find_engine

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

EXAMPLE = Path(__file__).parents[3] / "examples" / "pulumi-program"
BIN = Path(sys.executable).parent
COMPONENTS = {"Environment", "Data", "Job", "Model", "Endpoint"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the example that uses this interpreter's environment."""
    folder = tmp_path / "program"
    shutil.copytree(
        EXAMPLE, folder, ignore=shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    )
    manifest = folder / "Pulumi.yaml"
    text = manifest.read_text()
    assert "../../.venv" in text
    manifest.write_text(text.replace("../../.venv", sys.prefix))
    shutil.copy(EXAMPLE.parents[1] / "uv.lock", folder)  # plain Pulumi takes it for the sign of a uv project
    return folder


def said(command: list[Any], folder: Path, **variables: str) -> str:
    elsewhere = {"PULUMI_BACKEND_URL", "PULUMI_STACK", "PULUMI_CONFIG_PASSPHRASE"}
    kept = {key: value for key, value in os.environ.items() if key not in elsewhere}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def served(program: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    try:
        yield program, json.loads(said([BIN / "mlstack", "up", "--yes", "--json"], program))
    finally:
        said([BIN / "mlstack", "down", "--yes"], program)


def predictions(url: str, key: str, folder: Path) -> list[int]:
    """Of the first wine in the data, whose cultivar is 0, and the last, whose cultivar is 2."""
    rows = (folder / "data" / "wine.csv").read_text().splitlines()
    instances = [[float(value) for value in row.split(",")[:-1]] for row in (rows[1], rows[-1])]
    request = urllib.request.Request(
        url,
        json.dumps({"instances": instances}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        answer: list[int] = json.load(response)["predictions"]
    return answer


def test_mlstack_runs_the_program(served: tuple[Path, dict[str, Any]]) -> None:
    folder, up = served

    assert up["summary"]["create"] == len(up["resources"])
    ours = {
        row["type"].rpartition(":")[2] for row in up["resources"] if row["type"].startswith("mlstack:index")
    }
    assert ours == COMPONENTS
    assert "example:index:Service" in {row["type"] for row in up["resources"]}
    assert {"url", "key", "curl", "model"} == set(up["outputs"])
    assert (up["outputs"]["key"], up["outputs"]["curl"]) == ("[secret]", "[secret]")
    outputs = json.loads(said([BIN / "mlstack", "outputs", "--show-secrets", "--json"], folder))
    assert predictions(outputs["url"], outputs["key"], folder) == [0, 2]
    again = json.loads(said([BIN / "mlstack", "up", "--yes", "--json"], folder))["summary"]
    assert {op for op, count in again.items() if count} == {"same"}, "it was run twice, and whole each time"


def test_a_mistake_in_the_program_is_shown_where_it_is(program: Path) -> None:
    main = program / "__main__.py"
    main.write_text(main.read_text().replace('columns={"label": "cultivar"}', 'colums={"label": "cultivar"}'))
    number = next(n for n, line in enumerate(main.read_text().splitlines(), 1) if "colums" in line)

    done = subprocess.run(
        [BIN / "mlstack", "preview"], cwd=program, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )

    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 3, done.stderr
    assert "colums" in lines[0]
    assert f"__main__.py:{number}" in lines[1]


@pytest.mark.skipif(
    shutil.which("pulumi-language-python") is None, reason="no pulumi-language-python on PATH"
)
def test_plain_pulumi_runs_the_program(program: Path, tmp_path: Path) -> None:
    engine = find_engine()
    assert engine is not None
    state = tmp_path / "state"
    state.mkdir()
    variables = {
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "of this test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
    }
    said([engine.path, "stack", "init", "plain"], program, **variables)
    try:
        said([engine.path, "up", "--yes", "--non-interactive"], program, **variables)
        shown = [engine.path, "stack", "output", "--json", "--show-secrets"]
        outputs = json.loads(said(shown, program, **variables))
        assert predictions(outputs["url"], outputs["key"], program) == [0, 2]
        said([engine.path, "preview", "--expect-no-changes", "--non-interactive"], program, **variables)
    finally:
        said([engine.path, "destroy", "--yes", "--non-interactive"], program, **variables)
