"""A stack that makes a Kubernetes cluster: its life, and where its kubeconfig is to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.errors import UsageError
from mlstack.rehearsal import edit
from tests.e2e.rehearsal.stage import Stage, changes, steps

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

_POOLS = {
    "gpu": {"size": "gpu-t4", "min": 0, "max": 2},
    "spare": {"size": "cpu-m", "min": 0, "max": 4, "spot": True},
}
#: Cloud -> its type of clusters, a region, the id of a pool, where its most nodes stand, its Pulumi type.
_CLOUDS: Mapping[str, tuple[str, str, str, tuple[str, ...], str]] = {
    "azure": ("aks", "westeurope", "*/agentPools/gpu", ("properties", "maxCount"), "AgentPool"),
}


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _holding(root: Path, text: str) -> list[Path]:
    """Files of the project, its state among them, that hold a text in clear."""
    files = (each for each in root.rglob("*") if each.is_file() and each.suffix != ".db")
    return [each for each in files if text.encode() in each.read_bytes()]


@pytest.mark.parametrize("cloud", _CLOUDS)
def test_a_cluster_is_made_kept_set_right_and_taken_down(tmp_path: Path, cloud: str) -> None:
    stage = Stage(tmp_path, ("--cloud", cloud), {})
    type, region, pool, most, resource = _CLOUDS[cloud]
    cluster = {"type": type, "name": "trial", "node_pools": _POOLS}
    stage.write({"version": 1, "name": "pools", "region": region, "compute": {"mine": {"cluster": cluster}}})

    items = {each["field"]: each for each in stage("preview")["cost"]["items"]}
    gpu, spare = (items[f"cluster.node_pools.{name}"] for name in ("gpu", "spare"))
    assert (gpu["min"], gpu["max"], spare["max"]) == (0, 2, 4)
    assert gpu["price"] is not None

    made = stage.up()
    shown = made["outputs"]["compute"]["mine"]
    assert shown["kubeconfig"] == "[secret]"
    assert shown["id"]
    before = "".join(stage.printed)
    held = json.loads(stage.text("outputs", "compute.mine.kubeconfig", "--show-secrets"))
    (server,) = (each["cluster"]["server"] for each in held["clusters"])
    (authority,) = (each["cluster"]["certificate-authority-data"] for each in held["clusters"])
    assert held["current-context"] in {each["name"] for each in held["contexts"]}
    assert server.startswith("https://")
    assert authority not in before
    assert _holding(tmp_path, authority) == []
    assert changes(stage("preview")) == {}

    edit.edit(stage.behind(), pool, [(".".join(most), "9")])
    seen = stage("refresh", "--yes")
    assert {each["type"].rpartition(":")[2] for each in seen["resources"] if each["diff"]} == {resource}
    assert steps(stage.up()) == [f"update {resource} mine-pool-gpu"]
    assert _at(edit.find(stage.behind(), pool)[2], most) == 2
    assert changes(stage("preview")) == {}

    stage.down()
    with pytest.raises(UsageError):
        edit.find(stage.behind(), pool)
