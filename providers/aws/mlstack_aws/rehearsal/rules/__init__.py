"""The table of platform rules: what AWS refuses, each with the place where that stands.

The table is written from AWS's documentation and other people's client code, never from the builders that it
judges. What botocore's service models say of lengths, patterns, bounds and words is beside it, in `model.py`.
"""

from mlstack_aws.rehearsal.rules import (
    dashboards,
    endpoints,
    estate,
    guardrails,
    jobs,
    models,
    monitors,
    names,
    networks,
    pipelines,
    prebuilt,
    roles,
    scaling,
    times,
)
from mlstack_aws.rehearsal.rules.base import CONDITIONS, RULES, Condition, Rule, Site, View, hindered, judged

__all__ = ["CONDITIONS", "RULES", "Condition", "Rule", "Site", "View", "hindered", "judged"]

_AREAS = (
    dashboards,
    endpoints,
    estate,
    guardrails,
    jobs,
    models,
    monitors,
    names,
    networks,
    pipelines,
    prebuilt,
    roles,
    scaling,
    times,
)  # imported for what they enter in the table
