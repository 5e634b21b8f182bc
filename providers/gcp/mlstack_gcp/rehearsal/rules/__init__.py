"""The table of platform rules: what Google Cloud refuses, each with the place where that stands.

The table is written from the platform's documentation and other people's client code, never from the builders
that it judges.
"""

from mlstack_gcp.rehearsal.rules import around, clusters, machines, monitoring, names, serving, traffic, work
from mlstack_gcp.rehearsal.rules.base import CONDITIONS, RULES, Condition, Rule, Site, View

__all__ = ["CONDITIONS", "RULES", "Condition", "Rule", "Site", "View"]

_AREAS = (
    around,
    clusters,
    machines,
    monitoring,
    names,
    serving,
    traffic,
    work,
)  # imported for what they enter in the table
