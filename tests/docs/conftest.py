"""Where the commands of the docs run: a home of their own, the caches shared, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from mlstack.paths import cache_dir

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment of every command. Environments of models are made once, so caches stay the machine's."""
    home = tmp_path_factory.mktemp("home")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "MLSTACK_"))}
    with tempfile.TemporaryDirectory(prefix="mls-") as runtime:  # a socket's path must be short
        yield kept | {
            "PATH": f"{BIN}:{kept['PATH']}",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "XDG_CACHE_HOME": str(Path(platformdirs.user_cache_dir())),
            "XDG_RUNTIME_DIR": runtime,
            "MLSTACK_CACHE": str(cache_dir()),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "COLUMNS": "100",
        }


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Path]:
    """A folder in which the example digits is up."""
    folder = tmp_path_factory.mktemp("shared") / "digits"
    mlstack(["new", "digits", str(folder)], folder.parent, environment)
    try:
        mlstack(["up", "--yes"], folder, environment)
        yield folder
    finally:
        mlstack(["down", "--yes"], folder, environment)


@pytest.fixture
def own(tmp_path: Path, environment: dict[str, str]) -> Iterator[Path]:
    """An empty folder; stacks and testbeds that are up at the end are taken down."""
    yield tmp_path
    for spec in {path.parent for path in tmp_path.rglob("Pulumi.dev-local.yaml")}:
        mlstack(["down", "--yes", "-s", "dev-local"], spec, environment)
    for testbed in Path(environment["XDG_STATE_HOME"]).glob("mlstack/testbeds/[!.]*"):
        mlstack(["testbed", "down", "--name", testbed.name], tmp_path, environment)
    shutil.rmtree(tmp_path, ignore_errors=True)


def mlstack(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    ran = subprocess.run(
        [BIN / "mlstack", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, f"mlstack {' '.join(arguments)}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout
