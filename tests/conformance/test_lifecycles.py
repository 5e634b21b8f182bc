"""Gap resources of this repository by their verbs alone, those that need no other process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack import content
from mlstack.registry import provider
from mlstack.resource import Context
from mlstack.testing import resource_lifecycle


@pytest.fixture
def context(tmp_path: Path) -> Context:
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "model.py").write_text(f"# {version}\n")
    return Context(tmp_path, "urn", "net")


def problems(
    token: str, context: Context, inputs: Mapping[str, Any], changed: Mapping[str, Any]
) -> list[str]:
    return list(resource_lifecycle(provider("local").resource(token), context, inputs, changed))


def test_a_local_model(context: Context) -> None:
    inputs = {"stack_uid": "c0ffee00", "name": "net", "flavor": "custom"}
    one, two = ({"source": name, "version": content.version(context.root / name)} for name in ("one", "two"))
    assert problems("mlstack:local:Model", context, {**inputs, **one}, two) == []


def test_a_local_secret(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlstack.lowering.values import salted

    monkeypatch.setenv("TOKEN_ONE", "first")
    monkeypatch.setenv("TOKEN_TWO", "second")
    inputs = {"stack_uid": "c0ffee00", "name": "net"}
    one = {"env": "TOKEN_ONE", "hash": salted("c0ffee00", "net", "first")}
    two = {"env": "TOKEN_TWO", "hash": salted("c0ffee00", "net", "second")}
    assert problems("mlstack:local:Secret", context, {**inputs, **one}, two) == []
    assert not [file for file in context.root.rglob("*") if file.is_file() and "second" in file.read_text()]
