"""A machine that was chosen for a requirement stays, until it is asked to be chosen anew or will not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.rehearsal.clouds import EXAMPLES, known, small
from tests.e2e.rehearsal.stage import Stage, changes, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=3), pytest.mark.timeout(900)]


@pytest.mark.parametrize("cloud", EXAMPLES)
def test_a_choice_is_kept_until_it_is_made_anew(cloud: str, tmp_path: Path) -> None:
    def wish(cpus: int, memory: int) -> dict[str, Any]:
        return small(cloud, "pins", compute={"pool": {"cpus": cpus, "memory": memory, "min": 1}})

    stage = Stage(tmp_path, ("--cloud", cloud))
    stage.write(wish(2, 4))
    chosen = stage.up()["outputs"]["compute"]["pool"]["instance"]
    file = tmp_path / ".mlstack" / "rehearsal" / f"dev-{cloud}" / f"Pulumi.dev-{cloud}.yaml"
    assert chosen in file.read_text(encoding="utf-8")

    # As if prices had been others at the first `up`: a dearer machine, which does as well, was chosen.
    other, pool = known(cloud).DEARER
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(chosen, other), encoding="utf-8")
    dearer = stage.up("--confirm", f"dev-{cloud}")
    assert dearer["outputs"]["compute"]["pool"]["instance"] == other
    assert changes(stage("preview")) == {}, "a better price moves nothing"

    stage.write(wish(4, 8))
    assert changes(stage("preview")) == {}, "it still does"
    stage.write(wish(32, 8))
    anew = stage("preview")
    assert steps(anew) == pool
    assert any(other in each["message"] for each in anew["warnings"]), "what will not do is named"

    stage.write(wish(2, 4))
    planned = stage.up("--replan", "--confirm", f"dev-{cloud}")
    assert planned["outputs"]["compute"]["pool"]["instance"] == chosen
    assert YAML(typ="safe").load(file)
    stage.down()
