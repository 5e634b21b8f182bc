"""What the local target's tests share: a cache of their own, and a context for the verbs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstack.resource import Context

from .receiver import Receiver

_OWN = os.environ.get("MLSTACK_CACHE")


def _use(folder: str | None) -> None:
    if folder is None:
        os.environ.pop("MLSTACK_CACHE", None)
    else:
        os.environ["MLSTACK_CACHE"] = folder


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments are made in a folder of the test run; uv's own cache makes that quick."""
    folder = tmp_path_factory.mktemp("cache")
    _use(str(folder))
    return folder


@pytest.fixture(scope="module", autouse=True)
def cached(cache: Path) -> Iterator[None]:
    """Only for the tests below this folder: others that the same process runs have the machine's cache."""
    _use(str(cache))
    yield
    _use(_OWN)


@pytest.fixture
def lines() -> list[str]:
    """What a verb logged."""
    return []


@pytest.fixture
def context(tmp_path: Path, lines: list[str]) -> Context:
    return Context(root=tmp_path, urn="urn:test", name="test", log=lines.append)


@pytest.fixture
def webhook() -> Iterator[Receiver]:
    """A web server that notices are posted to."""
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()
