"""The stack's budget: a budget of Microsoft Cost Management on its resource group, for what carries its tag.

It warns and stops nothing: at 80 % of the amount, at all of it, and when the month is forecast to come to
more. Its first month is the one in which it is made (the platform takes no earlier one), so the date is
kept in the stack's config. Source: Azure REST, "Budgets - Create Or Update".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_azure.names import physical
from mlstack_azure.place import place

_ROLES = ["Owner", "Contributor"]
_ALERTS = {"nearly": (80, "Actual"), "reached": (100, "Actual"), "forecast": (100, "Forecasted")}


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.consumption as consumption

    spec = build.spec
    build.warn(
        "currency",
        "Azure counts a budget in the currency that the subscription is billed in: check that it is "
        f"{spec.currency}",
    )
    if spec.tags:
        build.warn("tags", "has no effect: a budget carries no tags")
    made = build.make(
        consumption.Budget,
        main=True,
        options={"ignore_changes": ["timePeriod"]},
        budget_name=physical(build, longest=63),
        scope=_scope(build),
        amount=float(spec.amount),
        category=consumption.CategoryType.COST,
        time_grain=consumption.TimeGrainType.MONTHLY,
        time_period=consumption.BudgetTimePeriodArgs(
            start_date=build.pinned("budget.default.start", _this_month)
        ),
        filter=consumption.BudgetFilterArgs(
            tags=consumption.BudgetComparisonExpressionArgs(
                name="mlstack-stack", operator="In", values=[build.stack_uid]
            )
        ),
        notifications={
            name: consumption.NotificationArgs(
                enabled=True,
                operator=consumption.OperatorType.GREATER_THAN_OR_EQUAL_TO,
                threshold=percent,
                threshold_type=kind,
                contact_emails=[],
                contact_roles=_ROLES,
            )
            for name, (percent, kind) in _ALERTS.items()
        },
    )
    return {"id": made.id}


def _scope(build: Build) -> pulumi.Output[str]:
    """The resource group's id, which that of the workspace begins with."""
    workspace = pulumi.Output.from_input(place(build).workspace_id)
    return workspace.apply(lambda id: id.partition("/providers/")[0])


def _this_month() -> str:
    return datetime.now(UTC).strftime("%Y-%m-01T00:00:00Z")
