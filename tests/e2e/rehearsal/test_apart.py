"""Stacks of one cloud keep apart, and what is existing is used and left alone."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mlstack.cli.rehearse import named
from mlstack.rehearsal import Emulation
from mlstack.rehearsal.serve import serving
from mlstack.spec import Stack
from tests.e2e.rehearsal.clouds import EXAMPLES, known
from tests.e2e.rehearsal.kills.cloud import Seen
from tests.e2e.rehearsal.stage import Stage, changes, steps

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.drawn(of=4)
@pytest.mark.parametrize("cloud", EXAMPLES)
def test_two_stacks_do_not_meet_and_what_exists_stays(cloud: str, tmp_path: Path) -> None:
    """Both are in the same emulated cloud, by the same account, beside what is there already."""
    project = Stage(tmp_path / "project", ("--cloud", cloud))
    for path in ("src/train.py", "net/model.joblib"):
        (project.root / path).parent.mkdir(parents=True)
        (project.root / path).write_text("print('trained')\n")
    project.write(spec(cloud))
    emulated = project.behind()
    emulated.seed(named(Stack.load(project.root / "mlstack.yaml")))
    there, existing = Seen.of(emulated, cloud), known(cloud).held(emulated)
    with serving(emulated, project.root) as environment:
        dev, prod = (Stage(project.root, ("-s", name), environment, served=True) for name in ("dev", "prod"))
        made = steps(dev.up())
        assert made
        one = Seen.of(emulated, cloud)
        assert steps(prod.up()) == made
        both = Seen.of(emulated, cloud)
        assert there.things.items() <= one.things.items() <= both.things.items()
        firsts, seconds = (Counter(kinds(cloud, more, less)) for more, less in ((one, there), (both, one)))
        assert firsts == seconds, "each has its own, and nothing is shared"
        assert firsts

        assert changes(prod.down()).keys() == {"delete"}
        assert left(emulated, cloud, one) == []
        assert changes(dev("preview")) == {}
        dev.down()
        assert left(emulated, cloud, there) == []
        assert there.things.items() <= Seen.of(emulated, cloud).things.items()
        assert existing.items() <= known(cloud).held(emulated).items()


def left(emulated: Emulation, cloud: str, before: Seen) -> list[str]:
    """What is there now and was not before, but for what the platform keeps."""
    facts = known(cloud)
    more = Seen.of(emulated, cloud).more_than(before)
    return [id for id in more if not any(re.search(each, id) for each in (*facts.KEPT, facts.BY_PLATFORM))]


def kinds(cloud: str, more: Seen, less: Seen) -> list[str]:
    shared = known(cloud).SHARED
    return [
        re.sub(r"-[0-9a-f]{8}$", "", kind)  # a thing's name may be in its kind
        for id, kind in more.things.items()
        if id not in less.things and not re.search(shared, id)
    ]


def spec(cloud: str) -> dict[str, Any]:
    facts = known(cloud)
    job = {
        "command": "echo ${{inputs.rows}}",
        "code": "./src",
        "environment": "sk",
        "compute": "mine",
        "inputs": {"rows": "data.lake", "more": "data.own"},
        "secrets": {"TOKEN": "token"},
    }
    return {
        "version": 1,
        "name": "apart",
        "cloud": cloud,
        "region": facts.REGION,
        **facts.EXISTING,
        "environments": {**facts.EXISTING["environments"], "sk": {"packages": ["six==1.17.0"]}},
        "data": {**facts.EXISTING["data"], "own": {"path": "./src", "type": "folder"}},
        "models": {**facts.EXISTING["models"], "own": {"path": "./net", "flavor": "sklearn"}},
        "jobs": {"train": job},
        "budget": {"amount": 100, "currency": "USD"},
    }
