from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlstack_gcp.rehearsal import GcpEmulation

from mlstack import door
from mlstack.resource import Context
from providers.gcp.tests.emulated import emulated
from providers.gcp.tests.resources.vertex import Vertex, serving


@pytest.fixture
def vertex(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vertex]:
    made = Vertex()
    with serving(made) as url:
        monkeypatch.setenv(door.VARIABLE, url)
        yield made


@pytest.fixture
def gcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GcpEmulation]:
    with emulated(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, "urn", "name")
