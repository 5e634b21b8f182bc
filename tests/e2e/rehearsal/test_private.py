"""A stack that is to be private has no door to the internet, stays as it is, and goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.rehearsal.clouds import EXAMPLES, known
from tests.e2e.rehearsal.lives import lives
from tests.e2e.rehearsal.private import of
from tests.e2e.rehearsal.stage import Stage

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=5), pytest.mark.timeout(900)]


@pytest.mark.parametrize("cloud", EXAMPLES)
def test_a_private_network_has_no_door(cloud: str, tmp_path: Path) -> None:
    def look(stage: Stage) -> None:
        assert list(of(cloud).doors(stage.behind())) == []

    lives(_stage(tmp_path, cloud, {"workspace": {"network": "private"}}), look)


@pytest.mark.parametrize("cloud", EXAMPLES)
def test_a_strict_stack_has_no_door_and_a_key_of_its_own(cloud: str, tmp_path: Path) -> None:
    facts = of(cloud)

    def look(stage: Stage) -> None:
        assert list(facts.doors(stage.behind())) == []
        assert list(facts.unsealed(stage.behind())) == []

    lives(_stage(tmp_path, cloud, {"security": "strict", "workspace": facts.STRICT}), look)


def _stage(root: Path, cloud: str, asked: dict[str, Any]) -> Stage:
    for path in ("src/train.py", "net/model.joblib", "score/score.py"):
        (root / path).parent.mkdir()
        (root / path).write_text("print('trained')\n")
    deployment = {"model": "net", "environment": "img", "code": {"dir": "./score", "script": "score.py"}}
    job = {"command": "python train.py", "code": "./src", "environment": "sk", "compute": "pool"}
    stage = Stage(root, ("--cloud", cloud))
    stage.write(
        {
            "version": 1,
            "name": "private",
            "cloud": cloud,
            "region": known(cloud).REGION,
            **asked,
            "secrets": {"token": {"env": "HF_TOKEN"}},
            "compute": {"pool": {"size": "cpu-s"}},
            "environments": {
                "img": {"image": known(cloud).IMAGE},
                "sk": {"packages": ["six==1.17.0"]},
            },
            "jobs": {"train": job},
            "models": {"net": {"path": "./net", "flavor": "sklearn"}},
            "endpoints": {"answers": {"deployments": {"main": {**deployment, "size": "cpu-s"}}}},
        }
    )
    return stage
