"""One demo project, brought up once for the tests that only look at it, or leave it as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import copy_example, mlstack


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a demo project that is up."""
    root = copy_example(tmp_path_factory.mktemp("live"))
    done = mlstack(root, "up", "--yes", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    yield root
    mlstack(root, "down", "--yes", "--json")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """The folder of a demo project of the test's own, not yet up."""
    root = copy_example(tmp_path)
    yield root
    mlstack(root, "down", "--yes", "--json")


def outputs(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(mlstack(root, "outputs", "--json", "--show-secrets").stdout)
    return found
