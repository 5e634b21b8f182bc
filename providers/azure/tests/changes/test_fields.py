"""Every field that becomes something on Azure is in the table of changes, or is left out for a reason."""

from __future__ import annotations

import re
from pathlib import Path

from .table import tables, whole

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
SUPPORT = Path(__file__).parents[4] / "docs" / "reference" / "support.md"


def test_every_built_field_is_changed_or_left_out_for_a_reason() -> None:
    changed = {case.field for table in tables() for case in table.cases} | {case.field for case in whole()}
    missing = {field for field in built() if not _within(field, changed | set(LEFT_OUT))}
    assert missing == set()


def test_what_is_left_out_is_built() -> None:
    fields = built()
    assert {
        left for left in LEFT_OUT if not any(f"{each}.".startswith(f"{left}.") for each in fields)
    } == set()


def built() -> set[str]:
    """The fields that the page on support says become a part of what is made."""
    azure = SUPPORT.read_text(encoding="utf-8").split("\n## azure\n")[1].split("\n## ")[0]
    found, kind = set(), ""
    for line in azure.splitlines():
        if line.startswith("### "):
            kind = "" if line == "### the stack itself" else f"{line[4:]}."
        elif row := re.match(r"\| `([\w.]+)` \| yes \|", line):
            found.add(f"{kind}{row[1]}")
    return found


def _within(field: str, known: set[str]) -> bool:
    """A map's or an object's own row stands for nothing but what is in it."""
    return any(f"{field}.".startswith(f"{each}.") or each.startswith(f"{field}.") for each in known)
