"""Budgets.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
budgets_budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request


class Budget(Adapter):
    type = "aws:budgets/budget:Budget"
    replaces = frozenset({"name", "namePrefix", "accountId"})

    def _budget(self, inputs: Properties) -> dict[str, Any]:
        amount = inputs.get("limitAmount")
        found = {
            "BudgetName": inputs.get("name"),
            "BudgetType": inputs.get("budgetType"),
            "TimeUnit": inputs.get("timeUnit"),
            "BudgetLimit": {"Amount": amount, "Unit": inputs.get("limitUnit")}
            if amount is not None
            else None,
            "CostFilters": {one["name"]: one["values"] for one in inputs.get("costFilters") or []} or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _notices(self, inputs: Properties) -> list[dict[str, Any]]:
        found = []
        for one in inputs.get("notifications") or []:
            told = [("EMAIL", each) for each in one.get("subscriberEmailAddresses") or []]
            told += [("SNS", each) for each in one.get("subscriberSnsTopicArns") or []]
            notice = {
                "NotificationType": one.get("notificationType"),
                "ComparisonOperator": one.get("comparisonOperator"),
                "Threshold": one.get("threshold"),
                "ThresholdType": one.get("thresholdType"),
            }
            people = [{"SubscriptionType": kind, "Address": each} for kind, each in told]
            found.append({"Notification": notice, "Subscribers": people})
        return found

    def requests(self, inputs: Properties) -> Iterator[Request]:
        given: dict[str, Any] = {"AccountId": "0" * 12, "Budget": self._budget(inputs)}
        if inputs.get("notifications"):
            given["NotificationsWithSubscribers"] = self._notices(inputs)
        yield "budgets", "CreateBudget", given

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws(
            "budgets",
            "create_budget",
            AccountId=aws.account,
            Budget=self._budget(inputs),
            NotificationsWithSubscribers=self._notices(inputs),
        )
        aws.cloud.world.put(
            self._kept(aws, inputs["name"]), "budget", {k: v for k, v in inputs.items() if k != "region"}
        )
        return f"{aws.account}:{inputs['name']}"

    def _kept(self, aws: Aws, name: str) -> str:
        return f"aws/budgets/{name}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        name = id.partition(":")[2]
        answer = aws.look("budgets", "describe_budget", AccountId=aws.account, BudgetName=name)
        if answer is None:
            return None
        # moto has neither the subscribers nor the filters, and no UpdateBudget
        kept = aws.cloud.world.get(self._kept(aws, name)) or {}
        tags = kept.get("tags") or {}
        return {
            **kept,
            "name": name,
            "accountId": aws.account,
            "arn": f"arn:aws:budgets::{aws.account}:budget/{name}",
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        name = id.partition(":")[2]
        aws("budgets", "delete_budget", AccountId=aws.account, BudgetName=name)
        self.create(aws, {**new, "name": name})

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        name = id.partition(":")[2]
        aws("budgets", "delete_budget", AccountId=aws.account, BudgetName=name)
        aws.cloud.world.remove(self._kept(aws, name))


ADAPTERS = (Budget(),)
