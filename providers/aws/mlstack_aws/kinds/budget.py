"""The stack's budget: one of AWS Budgets for what carries the stack's tag.

It warns and stops nothing, at 80 % of the amount, at all of it, and when the month is forecast to come to
more; to a topic of its own, as a budget of the spec names nobody. Source: AWS Cost Management user guide,
"Creating a cost budget", "Creating an Amazon SNS topic for budget notifications".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_aws.kinds.topic import topic
from mlstack_aws.names import physical, tags

_ALERTS = ((80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED"))
_UNITS = {"day": "DAILY", "month": "MONTHLY"}


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_aws import budgets

    spec = build.spec
    build.warn(
        "currency",
        "AWS counts a budget in the currency that the account is billed in: check that it is "
        f"{spec.currency}",
    )
    build.note(
        "amount",
        "AWS tells costs by a tag once mlstack-stack has been activated (Billing, Cost allocation tags); "
        "subscribe to the budget's topic of SNS to be told",
    )
    told = topic(build, "budgets")
    made = build.make(
        budgets.Budget,
        main=True,
        name=physical(build, longest=100),
        budget_type="COST",
        limit_amount=f"{float(spec.amount):g}",
        limit_unit=spec.currency,
        time_unit=_UNITS[spec.per],
        cost_filters=[
            budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:mlstack-stack${build.stack_uid}"])
        ],
        notifications=[
            budgets.BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                threshold=percent,
                threshold_type="PERCENTAGE",
                notification_type=kind,
                subscriber_sns_topic_arns=[told.arn],
            )
            for percent, kind in _ALERTS
            if kind == "ACTUAL" or spec.per == "month"  # a day is not forecast
        ],
        tags=tags(build),
    )
    return {"id": made.arn}
