"""Every field that becomes something on Azure is in the table of changes, or is left out for a reason."""

from __future__ import annotations

from tests.changes.fields import missing, unknown

from .table import TABLES, WHOLE

#: What the platform does not see, or has only one value that it takes.
LEFT_OUT = {
    "budget.per": "a month is all that is taken",
    "compute.cluster.type": "aks is all that makes one",
    "compute.cluster.existing": "whose cluster it is; what is attached stays as it is",
    "compute.cluster.node_pools.instance": "the machine, as by size",
    "compute.cluster.node_pools.cpus": "the machine, as by size",
    "compute.cluster.node_pools.memory": "the machine, as by size",
    "compute.cluster.node_pools.gpu": "the machine, as by size",
    "data.columns": "kept with the data's own description, for monitors",
    "endpoints.deployments.model.from": "as model.path: the version of a model",
    "monitors.min_samples": "an alert on the workspace's log, which the one of the tables has not",
    "monitors.code": "signal: custom is refused",
    "notifications.pagerduty": "as pagerduty.secret",
    "security": "a strict stack is another one: its workspace has another name",
    "workspace.network": "Azure changes it only in an empty workspace",
    "workspace.existing": "another workspace is another place for all of the stack",
}


def test_every_built_field_is_changed_or_left_out_for_a_reason() -> None:
    changed = {case.field for table in (*TABLES, WHOLE) for case in table.cases}
    assert missing("azure", changed, LEFT_OUT) == set()


def test_what_is_left_out_is_built() -> None:
    assert unknown("azure", LEFT_OUT) == set()
