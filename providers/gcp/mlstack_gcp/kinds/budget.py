"""The stack's budget: one of Cloud Billing on the project's account, for what carries the stack's label.

It warns and stops nothing: at 80 % of the amount, at all of it, and when the month is forecast to come to
more; it writes to the administrators of the billing account. Source: Cloud Billing Budget API, Budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import STACK_TAG, Build
from mlstack_gcp import services
from mlstack_gcp.names import physical
from mlstack_gcp.place import place

_ALERTS = ((0.8, "CURRENT_SPEND"), (1.0, "CURRENT_SPEND"), (1.0, "FORECASTED_SPEND"))
_NANOS = 1_000_000_000


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_gcp import billing, organizations

    spec, here = build.spec, place(build)
    build.warn(
        "currency",
        "Google takes a budget in the currency of the billing account alone: check that it is "
        f"{spec.currency}",
    )
    if spec.tags:
        build.warn("tags", "has no effect: a budget carries no labels")
    project = organizations.get_project_output(project_id=here.project)
    units, nanos = divmod(round(spec.amount * _NANOS), _NANOS)
    made = build.make(
        billing.Budget,
        main=True,
        options={"depends_on": [services.enabled(build, "billingbudgets")]},
        billing_account=project.apply(lambda held: held.billing_account),
        display_name=physical(build, longest=60),
        amount=billing.BudgetAmountArgs(
            specified_amount=billing.BudgetAmountSpecifiedAmountArgs(
                currency_code=spec.currency, units=str(units), nanos=nanos or None
            )
        ),
        budget_filter=billing.BudgetBudgetFilterArgs(
            projects=[project.apply(lambda held: f"projects/{held.number}")],
            labels={STACK_TAG: build.stack_uid},
            calendar_period="MONTH",
        ),
        threshold_rules=[
            billing.BudgetThresholdRuleArgs(threshold_percent=part, spend_basis=basis)
            for part, basis in _ALERTS
        ],
    )
    return {"id": made.id}
