"""The table of platform rules: what Azure refuses, each with the place where that stands.

The table is written from the platform's documentation and other people's client code, never from the builders
that it judges.
"""

from mlstack_azure.rehearsal.rules import (
    alerts,
    assets,
    batch,
    computes,
    deployments,
    estate,
    identities,
    jobs,
    lasting,
    monitors,
    names,
    online,
    references,
    schedules,
    serving,
    workspaces,
)
from mlstack_azure.rehearsal.rules.base import CONDITIONS, RULES, Condition, Rule, Site, View

__all__ = ["CONDITIONS", "RULES", "Condition", "Rule", "Site", "View"]

_AREAS = (
    alerts,
    assets,
    batch,
    computes,
    deployments,
    estate,
    identities,
    jobs,
    lasting,
    monitors,
    names,
    online,
    references,
    schedules,
    serving,
    workspaces,
)  # imported for what they enter in the table
