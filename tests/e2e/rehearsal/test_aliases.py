"""Aliases that the SDK generates are left out, and a state that needs one loses nothing by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import mlstack

pytestmark = pytest.mark.engine

SPEC = """\
version: 1
name: aliases
cloud: azure
region: westeurope
environments:
  sk: {packages: [scikit-learn==1.7.2]}
"""
TYPE = "azure-native:machinelearningservices:Workspace"
#: As an older version of the SDK wrote it.
OLDER = "azure-native:machinelearningservices/v20230401:Workspace"
GONE = ("create", "replace", "delete")


def test_a_state_with_the_type_of_an_older_version_is_carried_over(tmp_path: Path) -> None:
    """Without the alias the engine would take the workspace for another one, and make it anew."""
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    _run(tmp_path, "up", "--yes")
    file = tmp_path / ".mlstack/rehearsal/dev-azure/state/.pulumi/stacks/aliases/dev-azure.json"
    file.write_text(file.read_text().replace(TYPE, OLDER))
    before = {each["id"] for each in _resources(file) if each["type"] == OLDER}
    assert len(before) == 1

    planned = _run(tmp_path, "preview")["summary"]
    assert not any(planned[op] for op in GONE), planned
    done = _run(tmp_path, "up", "--yes")["summary"]
    assert not any(done[op] for op in GONE), done
    types = {each["type"]: each["id"] for each in _resources(file) if each.get("id")}
    assert OLDER not in types
    assert {types[TYPE]} == before


def _run(root: Path, *arguments: str) -> dict[str, Any]:
    done = mlstack(root, *arguments, "--rehearse", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _resources(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())["checkpoint"]["latest"]["resources"]
    return found
