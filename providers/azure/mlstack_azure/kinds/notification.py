"""Who is told: an action group of Azure Monitor with one receiver.

A monitor of data is no metric: Azure ML writes to e-mail addresses by itself, which `kinds.monitor` takes
from here. Sources: Azure Monitor, "Action groups" (short name of 12 characters at most, common alert
schema); PagerDuty, "Microsoft Azure Integration Guide" (the address that takes Azure's own alerts).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec.notification import FromSecret
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place

_PAGERDUTY = "https://events.pagerduty.com/integration/{}/enqueue"
_SHORT = 12


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.monitor as monitor

    spec = build.spec
    emails, webhooks = [], []
    if spec.email is not None:
        emails.append(
            monitor.MicrosoftCommonEmailReceiverArgs(
                name=build.name, email_address=spec.email, use_common_alert_schema=True
            )
        )
    else:
        address = _address(build, spec.webhook if spec.webhook is not None else spec.pagerduty)
        if spec.pagerduty is not None:
            address = pulumi.Output.from_input(address).apply(_PAGERDUTY.format)
        webhooks.append(
            monitor.WebhookReceiverArgs(
                name=build.name,
                service_uri=address,
                # PagerDuty's integration reads the alert's own form, which says more
                use_common_alert_schema=spec.pagerduty is None,
            )
        )
    group = build.make(
        monitor.ActionGroup,
        main=True,
        action_group_name=physical(build, longest=64),
        group_short_name=build.name[:_SHORT].rstrip("-"),
        resource_group_name=place(build).resource_group,
        location="Global",
        enabled=True,
        email_receivers=emails or None,
        webhook_receivers=webhooks or None,
        tags=tags(build),
    )
    return {"id": group.id}


def _address(build: Build, given: Any) -> Any:
    """The address itself; one that is a secret is encrypted in the state: the action group has to hold it."""
    if not isinstance(given, FromSecret):
        return given
    secret = build.spec_of("secrets", given.secret)
    if secret.env is None:
        raise UsageError(
            f"notifications.{build.name}: the secret {given.secret!r} is in a store, and an action group "
            "takes the address itself",
            code="secret-not-here",
            where=f"secrets.{given.secret}",
            remedy="have the address in an environment variable, and write "
            f"secrets.{given.secret}: {{env: VARIABLE}}",
        )
    value = os.environ.get(secret.env)
    if not value:
        raise UsageError(
            f"the environment variable {secret.env} is not set, and notifications.{build.name} needs it",
            code="secret-missing",
            where=f"secrets.{given.secret}",
            remedy=f"export {secret.env}=…",
        )
    return pulumi.Output.secret(value)
