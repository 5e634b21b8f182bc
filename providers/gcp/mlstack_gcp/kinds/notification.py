"""Who is told: a notification channel of Cloud Monitoring.

Source: Cloud Monitoring, "Create and manage notification channels by API" (types email, pagerduty,
webhook_tokenauth, and their labels).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec.notification import FromSecret
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_gcp import monitoring

    spec = build.spec
    kind: dict[str, Any]
    if spec.email is not None:
        kind = {"type": "email", "labels": {"email_address": spec.email}}
    elif spec.pagerduty is not None:
        key = monitoring.NotificationChannelSensitiveLabelsArgs(service_key=_address(build, spec.pagerduty))
        kind = {"type": "pagerduty", "sensitive_labels": key}
    else:
        kind = {"type": "webhook_tokenauth", "labels": {"url": _address(build, spec.webhook)}}
    made = build.make(
        monitoring.NotificationChannel,
        main=True,
        options={"depends_on": list(place(build).resources)},
        display_name=physical(build, longest=100),
        project=place(build).project,
        enabled=True,
        user_labels=labels(build),
        **kind,
    )
    return {"id": made.name}


def _address(build: Build, given: Any) -> Any:
    """The address itself; one that is a secret is encrypted in the state: the channel has to hold it."""
    if not isinstance(given, FromSecret):
        return given
    secret = build.spec_of("secrets", given.secret)
    value = os.environ.get(secret.env or "")
    if not value:
        raise UsageError(
            f"the environment variable {secret.env} is not set, and notifications.{build.name} needs it",
            code="secret-missing",
            where=f"secrets.{given.secret}",
            remedy=f"export {secret.env}=…",
        )
    return pulumi.Output.secret(value)
