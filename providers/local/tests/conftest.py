"""What the local target's tests share: a cache of their own, and a context for the verbs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstack.resource import Context


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Environments are made in a folder of the test run; uv's own cache makes that quick."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("MLSTACK_CACHE")
    os.environ["MLSTACK_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["MLSTACK_CACHE"]
    else:
        os.environ["MLSTACK_CACHE"] = before


@pytest.fixture
def lines() -> list[str]:
    """What a verb logged."""
    return []


@pytest.fixture
def context(tmp_path: Path, lines: list[str]) -> Context:
    return Context(root=tmp_path, urn="urn:test", name="test", log=lines.append)
