"""An emulated Google Cloud behind its HTTP door, and the runtime that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.runtime import GcpRuntime
from mlstack_gcp.settings import Settings

from mlstack.resource import Context, State
from mlstack.runtime import ChildRecord, Record, Site
from providers.gcp.tests.emulated import BUCKET, PARENT, PROJECT, REGION, UID, emulated

__all__ = ["BUCKET", "PARENT", "PROJECT", "REGION", "UID", "child", "kept", "record"]


@pytest.fixture
def gcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GcpEmulation]:
    with emulated(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def runtime(gcp: GcpEmulation, tmp_path: Path) -> GcpRuntime:
    return GcpRuntime(Site(UID, tmp_path, Settings(project=PROJECT)))


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, "urn", "name")


def child(type: str, id: str, inputs: Any = None, outputs: Any = None) -> ChildRecord:
    return ChildRecord(f"urn:{id}", type, id.rpartition("/")[2], id, inputs or {}, outputs or {})


def kept(type: str, state: State) -> ChildRecord:
    """What the state has of a resource that is made."""
    return child(type, state.id, state.inputs, state.outputs)


def record(kind: str, name: str, *children: ChildRecord, **outputs: Any) -> Record:
    return Record(kind, name, outputs, children)
