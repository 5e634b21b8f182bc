"""A machine that was chosen for a requirement stays, until it is asked to be chosen anew or will not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.rehearsal.stage import Stage, changes, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn, pytest.mark.timeout(900)]

SPEC: dict[str, Any] = {
    "version": 1,
    "name": "pins",
    "cloud": "azure",
    "region": "westeurope",
    "settings": {"azure": {"resource_group": "ml"}},
    "workspace": {"existing": "ml"},
    "compute": {"pool": {"cpus": 2, "memory": 4}},
}


def test_a_choice_is_kept_until_it_is_made_anew(tmp_path: Path) -> None:
    stage = Stage(tmp_path, ())
    stage.write(SPEC)
    chosen = stage.up()["outputs"]["compute"]["pool"]["instance"]
    file = tmp_path / ".mlstack" / "rehearsal" / "dev-azure" / "Pulumi.dev-azure.yaml"
    assert chosen in file.read_text(encoding="utf-8")

    # As if prices had been others at the first `up`: a dearer machine, which does as well, was chosen.
    other = "Standard_D16s_v3"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(chosen, other), encoding="utf-8")
    assert stage.up()["outputs"]["compute"]["pool"]["instance"] == other
    assert changes(stage("preview")) == {}, "a better price moves nothing"

    stage.write({**SPEC, "compute": {"pool": {"cpus": 4, "memory": 8}}})
    assert changes(stage("preview")) == {}, "it still does"
    stage.write({**SPEC, "compute": {"pool": {"cpus": 32, "memory": 8}}})
    anew = stage("preview")
    assert steps(anew) == ["replace Compute pool"]
    assert any(other in each["message"] for each in anew["warnings"]), "what will not do is named"

    stage.write(SPEC)
    planned = stage.up("--replan", "--confirm", "dev-azure")
    assert planned["outputs"]["compute"]["pool"]["instance"] == chosen
    assert YAML(typ="safe").load(file)
    stage.down()
