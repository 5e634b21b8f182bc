from __future__ import annotations

from collections.abc import Iterator

import pytest
from mlstack_azure.arm import Arm, present

from mlstack import door
from providers.azure.tests.strict import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(door.VARIABLE, server.url)
        yield server


@pytest.fixture
def arm(server: Server) -> Iterator[Arm]:
    with present() as arm:
        yield arm
