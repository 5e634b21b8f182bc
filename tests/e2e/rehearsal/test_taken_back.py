"""A change that stops before the old thing went, and is taken back: what is there again is not taken away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlstack.rehearsal import edit
from tests.e2e.rehearsal.stage import Stage, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=2)]

_SERVER = {"container": {"image": "europe-west4-docker.pkg.dev/ml-prod/images/it:1", "health": "/ping"}}


def _spec(**main: Any) -> dict[str, Any]:
    """One deployment, on machines that cannot be changed, of a container that cannot be changed."""
    return {
        "version": 1,
        "name": "back",
        "cloud": "gcp",
        "region": "europe-west4",
        "settings": {"gcp": {"service_account": "ml@rehearsal-project.iam.gserviceaccount.com"}},
        "workspace": {"existing": "ml-bucket"},
        "endpoints": {
            "chat": {"deployments": {"main": {"server": _SERVER, "instance": "n1-standard-2", **main}}}
        },
    }


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, ("--cloud", "gcp"), {})


def _served(stage: Stage) -> tuple[list[tuple[str, int]], set[str]]:
    """(machine, share of the requests) of each deployed model; the models that are registered."""
    found, models = [], set()
    for id, _, body in stage.behind().documents():
        if "/endpoints/" in id:
            for each in body.get("deployedModels", []):
                machine = each["dedicatedResources"]["machineSpec"]["machineType"]
                found.append((machine, body.get("trafficSplit", {}).get(each["id"], 0)))
        elif "/models/" in id:
            models.add(id)
    return found, models


@pytest.mark.parametrize("changed", [{"instance": "n1-standard-4"}, {"env": {"LEVEL": "info"}}], ids=str)
def test_what_was_replaced_and_is_wanted_again_stays(stage: Stage, changed: dict[str, Any]) -> None:
    stage.write(_spec())
    stage.up()
    before = _served(stage)
    assert before[0] == [("n1-standard-2", 100)]

    faults = stage.root / "faults.yaml"
    faults.write_text(json.dumps({"faults": [{"kind": "500", "path": "*:undeployModel", "times": "always"}]}))
    stage.environment = {"MLSTACK_FAULTS": str(faults)}
    stage.write(_spec(**changed))
    stage.text("up", "--yes", "--confirm", "dev-gcp", code=1)
    assert len(_served(stage)[0]) == 2

    stage.environment = {}
    stage.write(_spec())
    stage.up("--confirm", "dev-gcp")
    assert _served(stage) == before
    assert steps(stage("preview")) == []


def test_what_was_deployed_anew_by_hand_is_replaced_by_what_serves(stage: Stage) -> None:
    """Who deploys may choose the id: another machine under that of ours is put right, and never nothing."""
    stage.write(_spec())
    endpoint = stage.up()["outputs"]["endpoints"]["chat"]["id"]
    machine = "deployedModels[0].dedicatedResources.machineSpec.machineType"
    edit.edit(stage.behind(), endpoint, [(machine, "n1-standard-8")])
    stage("refresh", "--yes")
    stage.up("--confirm", "dev-gcp")
    assert _served(stage)[0] == [("n1-standard-2", 100)]
    assert steps(stage("preview")) == []
