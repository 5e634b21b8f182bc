"""Stacks of one folder keep apart, and what is existing is used and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.project import mlstack
from tests.e2e.rehearsal.stage import Stage, changes, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn, pytest.mark.timeout(900)]

SPEC = {
    "version": 1,
    "name": "apart",
    "cloud": "azure",
    "region": "westeurope",
    "settings": {"azure": {"resource_group": "ml"}},
    "workspace": {"existing": "team"},
    "compute": {"mine": {"existing": "gpu-cluster-1"}, "any": {"existing": "auto", "size": "cpu-m"}},
    "budget": {"amount": 100, "currency": "EUR"},
}


def test_two_stacks_do_not_meet_and_what_exists_stays(tmp_path: Path) -> None:
    dev = Stage(tmp_path, ("-s", "dev-azure"))
    prod = Stage(tmp_path, ("-s", "prod-azure"))
    dev.write(SPEC)
    there = dev.ids()
    assert any(id.endswith("/computes/gpu-cluster-1") for id in there)
    pool, workspace = dev.document("computes/gpu-cluster-1"), dev.document("workspaces/team")

    made = steps(dev.up())
    assert "create Budget default" in made
    assert not [step for step in made if step.endswith((" mine", " Workspace default"))]
    prod.up()
    names = [{id.rpartition("/")[2] for id in stage.ids() if "/budgets/" in id} for stage in (dev, prod)]
    assert len(names[0] | names[1]) == 2, "two people's stacks never meet"
    held = dev.ids()
    assert changes(prod.down()).keys() == {"delete"}
    assert dev.ids() == held
    assert changes(dev("preview")) == {}

    left = mlstack(tmp_path, "status", "--json", "--cloud", "azure")
    assert '"ready"' not in left.stdout, "a rehearsed stack is no real one"
    assert not (tmp_path / "Pulumi.dev-azure.yaml").exists()
    assert not (tmp_path / ".mlstack" / "state").exists()

    dev.down()
    assert there <= dev.ids()
    assert dev.document("computes/gpu-cluster-1") == pool
    assert dev.document("workspaces/team") == workspace
