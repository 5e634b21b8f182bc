"""An emulated Azure of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlstack_azure.rehearsal import AzureEmulation
from mlstack_azure.settings import Settings

from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving

from .estate import ESTATE
from .where import SUBSCRIPTION


@pytest.fixture
def azure(tmp_path: Path) -> AzureEmulation:
    return AzureEmulation(World(tmp_path / "world.db"), Settings(subscription=SUBSCRIPTION), "westeurope")


@pytest.fixture
def estate(azure: AzureEmulation) -> AzureEmulation:
    """With one resource of every type."""
    for kind, inputs in ESTATE.items():
        azure.create(f"azure-native:{kind}", inputs)
    return azure


@pytest.fixture
def door(estate: AzureEmulation, tmp_path: Path) -> Iterator[str]:
    """The address of the REST door over the estate."""
    with serving(estate, Faults(Plan(), estate.world), tmp_path) as url:
        yield url
