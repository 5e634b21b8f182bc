"""What changes or goes behind a stack's back is seen by `refresh`, and mended by `up`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rehearsal.clouds import DRIFTING, known
from tests.e2e.rehearsal.stage import Stage, changes, example, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=4), pytest.mark.timeout(600)]


@pytest.fixture(params=DRIFTING)
def sink(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The example kitchen-sink, up."""
    stage = example(tmp_path, "kitchen-sink", request.param)
    stage.up()
    yield stage
    stage.down()


def test_edits_are_seen_and_repaired(sink: Stage) -> None:
    edits = known(sink.cloud).EDITS
    before = {wanted: sink.document(wanted) for wanted, *_ in edits}
    for wanted, path, value, _ in edits:
        sink("rehearsal", "edit", wanted, f"{path}={value}")
    seen = sink("refresh", "--yes")
    drifted = {
        f"{each['type'].rpartition(':')[2]} {each['name']}" for each in seen["resources"] if each["diff"]
    }
    assert drifted >= {each for *_, each in edits}
    repaired = steps(sink.up())
    assert {each.partition(" ")[2] for each in repaired} >= {each for *_, each in edits}
    assert {each.partition(" ")[0] for each in repaired} == {"update"}
    for wanted, document in before.items():
        for key in known(sink.cloud).COMPARED:
            assert sink.document(wanted).get(key) == document.get(key), wanted


def test_what_is_deleted_comes_again(sink: Stage) -> None:
    deletions = known(sink.cloud).DELETIONS
    there = sink.ids()
    for wanted, _ in deletions:
        sink("rehearsal", "edit", wanted, "--delete")
    sink("refresh", "--yes")
    made = steps(sink.up())
    gone = {resource for _, resources in deletions for resource in resources}
    assert {each.partition(" ")[2] for each in made if each.startswith("create")} == gone
    assert sink.ids() == there
    assert changes(sink("preview")) == {}
