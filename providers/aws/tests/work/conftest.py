from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from mlstack import door
from mlstack.resource import Context


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto(_moto: str) -> str:
    """The address of a moto server with nothing in it."""
    import requests

    requests.post(f"{_moto}/moto-api/reset", timeout=30).raise_for_status()
    return _moto


@pytest.fixture
def aws(moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """moto behind the door that an emulated cloud has."""
    monkeypatch.setenv(door.VARIABLE, moto)
    return moto


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def context(tmp_path: Path, lines: list[str]) -> Context:
    return Context(tmp_path, "urn", "name", log=lines.append)
