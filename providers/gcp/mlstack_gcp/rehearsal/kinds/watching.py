"""Alerts, dashboards, schedules, budgets."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mlstack_gcp.rehearsal.cloud import Cloud, Document, now
from mlstack_gcp.rehearsal.kinds.base import Kind, Parts, Properties
from mlstack_gcp.rehearsal.refusals import invalid


@dataclass(frozen=True)
class Dashboard(Kind):
    """Its one input is the document itself, as a text."""

    def to_document(self, inputs: Properties) -> Document:
        try:
            found = json.loads(inputs["dashboardJson"])
        except ValueError as problem:
            raise invalid(f"dashboardJson is no JSON: {problem}") from None
        return dict(found)

    def to_inputs(self, cloud: Cloud, document: Properties, parts: Parts) -> Document:
        mine = {key: value for key, value in document.items() if key not in ("name", "etag")}
        return {"dashboardJson": json.dumps(mine, sort_keys=True), "project": parts["project"]}

    def settable(self, inputs: Properties) -> set[str]:
        return set(self.to_document(inputs))


@dataclass(frozen=True)
class Job(Kind):
    """A job of Cloud Scheduler: paused and resumed by calls of their own."""

    def to_document(self, inputs: Properties) -> Document:
        document = super().to_document(inputs)
        document["state"] = "PAUSED" if document.pop("paused", False) else "ENABLED"
        return document

    def to_inputs(self, cloud: Cloud, document: Properties, parts: Parts) -> Document:
        return {**super().to_inputs(cloud, document, parts), "paused": document.get("state") == "PAUSED"}


def _named(template: str):  # type: ignore[no-untyped-def]
    def finish(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
        document["name"] = template.format_map(parts)

    return finish


def _policy(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"] = f"projects/{parts['project']}/alertPolicies/{parts['number']}"
    record = {"mutateTime": now(), "mutatedBy": "rehearsal@example.com"}
    document["creationRecord"] = (old or {}).get("creationRecord") or record
    for at, condition in enumerate(document.get("conditions", [])):
        condition.setdefault("name", f"{document['name']}/conditions/{at + 1}")


def _job(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"] = f"projects/{parts['project']}/locations/{parts['region']}/jobs/{parts['name']}"
    document["userUpdateTime"] = now()


WATCHING = (
    Kind(
        "monitoring/alertPolicy:AlertPolicy",
        "projects/{project}/alertPolicies/{number}",
        server="number",
        usual={"enabled": True},
        finish=_policy,
        shown=lambda cloud, parts, document: {
            "name": document["name"],
            "creationRecords": [document["creationRecord"]],
        },
    ),
    Kind(
        "monitoring/notificationChannel:NotificationChannel",
        "projects/{project}/notificationChannels/{number}",
        server="number",
        own=frozenset({"forceDelete"}),
        secrets=frozenset({"sensitiveLabels"}),
        usual={"enabled": True},
        finish=_named("projects/{project}/notificationChannels/{number}"),
        shown=lambda cloud, parts, document: {"name": document["name"], "verificationStatus": ""},
    ),
    Dashboard(
        "monitoring/dashboard:Dashboard",
        "projects/{project}/dashboards/{number}",
        server="number",
        finish=_named("projects/{project}/dashboards/{number}"),
    ),
    Job(
        "cloudscheduler/job:Job",
        "projects/{project}/locations/{region}/jobs/{name}",
        made_up="name",
        own=frozenset({"name", "region"}),
        inner={"oauthToken": "oauthToken"},
        usual={"timeZone": "Etc/UTC", "attemptDeadline": "180s"},
        finish=_job,
    ),
    Kind(
        "billing/budget:Budget",
        "billingAccounts/{billingAccount}/budgets/{number}",
        server="number",
        own=frozenset({"billingAccount"}),
        names={"allUpdatesRule": "notificationsRule"},
        finish=_named("billingAccounts/{billingAccount}/budgets/{number}"),
        shown=lambda cloud, parts, document: {
            "name": parts["number"],
            "billingAccount": parts["billingAccount"],
        },
    ),
    Kind(
        "logging/metric:Metric",
        "{name}",
        document="projects/{project}/metrics/{name}",
        made_up="name",
        own=frozenset({"name"}),
        finish=lambda cloud, parts, document, old: document.update(name=parts["name"]),
    ),
    Kind(
        "pubsub/topic:Topic",
        "projects/{project}/topics/{name}",
        made_up="name",
        own=frozenset({"name"}),
        replace=frozenset({"tags"}),
        finish=_named("projects/{project}/topics/{name}"),
    ),
)
