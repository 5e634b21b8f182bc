"""An emulated Google Cloud of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.settings import Settings

from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving

from .estate import ESTATE, PROJECT, REGION


@pytest.fixture
def gcp(tmp_path: Path) -> GcpEmulation:
    return GcpEmulation(World(tmp_path / "world.db"), Settings(project=PROJECT), REGION)


@pytest.fixture
def estate(gcp: GcpEmulation) -> GcpEmulation:
    """With one resource of every type."""
    for kind, inputs in ESTATE.items():
        gcp.create(f"gcp:{kind}", inputs)
    return gcp


@pytest.fixture
def door(estate: GcpEmulation, tmp_path: Path) -> Iterator[str]:
    """The address of the REST door over the estate."""
    with serving(estate, Faults(Plan(), estate.world), tmp_path) as url:
        yield url
