"""A target of ours that is not installed, on a machine where all of them are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoints, entry_points

import pytest

from mlstack import registry

ABSENT = "kubernetes"


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its name. No distribution tells of it while the test runs."""

    def told(**selected: str) -> EntryPoints:
        return EntryPoints(point for point in entry_points(**selected) if point.name != ABSENT)

    monkeypatch.setattr(registry, "entry_points", told)
    registry.provider.cache_clear()
    yield ABSENT
    registry.provider.cache_clear()
