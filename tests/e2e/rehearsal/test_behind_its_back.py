"""What changes or goes behind a stack's back is seen by `refresh`, and mended by `up`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rehearsal.stage import Stage, changes, example, steps

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=4), pytest.mark.timeout(600)]

#: One thing of each kind that can drift: the document, what somebody sets in it, where that shows, and the
#: resource that it is.
EDITS = (
    ("computes/train-*", "properties.properties.scaleSettings.maxNodeCount", "9", "Compute train"),
    ("deployments/blue-*", "properties.requestSettings.requestTimeout", "PT30S",
     "OnlineDeployment digits-blue"),
    ("autoscalesettings/digits-green-*", "properties.enabled", "false",
     "AutoscaleSetting digits-green-autoscale"),
    ("metricalerts/slow-*", "properties.severity", "4", "MetricAlert slow"),
    ("actiongroups/oncall-*", "properties.enabled", "false", "ActionGroup oncall"),
    ("budgets/*", "properties.amount", "900", "Budget default"),
    ("schedules/nightly-*", "properties.trigger.expression", "0 9 * * *", "Schedule nightly"),
    ("onlineEndpoints/digits-*", "properties.traffic", "{}", "Traffic digits-traffic"),
    ("batchEndpoints/nightly-*", "tags.team", "other", "BatchEndpoint nightly"),
)  # fmt: skip
#: What somebody deletes, with what is in it; and resources that have to come again.
DELETIONS = (
    ("computes/big-*", {"Compute big"}),
    ("schedules/drift-*", {"Schedule drift"}),
    ("vaults/*/secrets/hf-token-*", {"Secret hf-token"}),
    ("onlineEndpoints/chat-*", {"OnlineEndpoint chat", "OnlineDeployment chat-main", "Traffic chat-traffic"}),
    ("metricalerts/slow-*", {"MetricAlert slow"}),
)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Stage]:
    """The example kitchen-sink, up."""
    stage = example(tmp_path, "kitchen-sink")
    stage.up()
    yield stage
    stage.down()


def test_edits_are_seen_and_repaired(sink: Stage) -> None:
    before = {wanted: sink.document(wanted) for wanted, *_ in EDITS}
    for wanted, path, value, _ in EDITS:
        sink("rehearsal", "edit", wanted, f"{path}={value}")
    seen = sink("refresh", "--yes")
    drifted = {
        f"{each['type'].rpartition(':')[2]} {each['name']}" for each in seen["resources"] if each["diff"]
    }
    assert drifted >= {each for *_, each in EDITS}
    repaired = steps(sink.up())
    assert {each.partition(" ")[2] for each in repaired} >= {each for *_, each in EDITS}
    assert {each.partition(" ")[0] for each in repaired} == {"update"}
    for wanted, document in before.items():
        assert sink.document(wanted)["properties"] == document["properties"], wanted
        assert sink.document(wanted).get("tags") == document.get("tags"), wanted


def test_what_is_deleted_comes_again(sink: Stage) -> None:
    there = sink.ids()
    for wanted, _ in DELETIONS:
        sink("rehearsal", "edit", wanted, "--delete")
    sink("refresh", "--yes")
    made = steps(sink.up())
    gone = {resource for _, resources in DELETIONS for resource in resources}
    assert {each.partition(" ")[2] for each in made if each.startswith("create")} == gone
    assert sink.ids() == there
    assert changes(sink("preview")) == {}
