"""What changes or goes behind a stack's back is seen by `refresh`, and mended by `up`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mlstack.rehearsal import Emulation, edit
from tests.e2e.rehearsal.clouds import EXAMPLES, alike, known
from tests.e2e.rehearsal.stage import Stage, changes, example, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=6), pytest.mark.timeout(900)]

Up = tuple[Stage, dict[str, Any]]


@pytest.fixture(scope="module", params=EXAMPLES)
def up(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Up]:
    """The example kitchen-sink, and what it puts out: one for both tests, each of which leaves it mended."""
    stage = example(tmp_path_factory.mktemp("sink"), "kitchen-sink", request.param)
    yield stage, stage.up()["outputs"]
    stage.down()


def test_edits_are_seen_and_repaired(up: Up) -> None:
    sink, outputs = up
    facts, cloud = known(sink.cloud), sink.behind()
    edits = [(wanted.format(**outputs), path, value, shown) for wanted, path, value, shown in facts.EDITS]
    before = {wanted: edit.find(cloud, wanted)[2] for wanted, *_ in edits}
    was = [look(cloud) for _, look, _ in facts.CALLS]
    for wanted, path, value, _ in edits:
        edit.edit(cloud, wanted, [(path, value)])
    for do, look, _ in facts.CALLS:
        there = look(cloud)
        do(cloud)
        assert look(cloud) != there, do.__doc__
    expected = {shown for *_, shown in (*edits, *facts.CALLS)}

    seen = sink("refresh", "--yes")
    drifted = {
        f"{each['type'].rpartition(':')[2]} {each['name']}" for each in seen["resources"] if each["diff"]
    }
    assert drifted >= expected
    repaired = steps(sink.up())
    assert {each.partition(" ")[2] for each in repaired} >= expected
    assert {each.partition(" ")[0] for each in repaired} == {"update"}
    for wanted, document in before.items():
        now = edit.find(cloud, wanted)[2]
        for key in facts.COMPARED:
            assert _plain(now.get(key)) == _plain(document.get(key)), wanted
    assert [look(cloud) for _, look, _ in facts.CALLS] == was
    assert changes(sink("preview")) == {}


def test_what_is_deleted_comes_again(up: Up) -> None:
    sink, outputs = up
    facts, cloud = known(sink.cloud), sink.behind()
    there = _ids(sink.cloud, cloud)
    for wanted, _ in facts.DELETIONS:
        edit.delete(cloud, wanted.format(**outputs))
    assert _ids(sink.cloud, cloud) != there
    sink("refresh", "--yes")
    made = steps(sink.up())
    gone = {resource for _, resources in facts.DELETIONS for resource in resources}
    assert {each.partition(" ")[2] for each in made if each.startswith("create")} == gone
    assert _ids(sink.cloud, cloud) == there
    assert changes(sink("preview")) == {}


def _ids(name: str, cloud: Emulation) -> list[str]:
    """What is there, by id, without what the platform makes up of an id, and without operations."""
    ids = [alike(name, id) for id, _, _ in cloud.documents() if not id.startswith("/operations/")]
    for pattern in known(name).BY_CONTENT:
        ids = [re.sub(pattern, r"\1", id) for id in ids]
    return sorted(ids)


def _plain(value: Any) -> str:
    """To compare by: in what order a platform tells its keys says nothing."""
    return json.dumps(value, sort_keys=True)
