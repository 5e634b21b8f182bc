"""Who is told: a topic of SNS with one subscription.

What is subscribed has to agree once: a person by the link in an e-mail, a webhook by getting the
``SubscribeURL`` of the first message that it is sent. PagerDuty does so by itself. Source: SNS developer
guide, "Fanout to HTTPS endpoints", "E-mail notifications"; PagerDuty, "Amazon CloudWatch Integration Guide".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec.notification import FromSecret
from mlstack_aws.kinds.topic import topic
from mlstack_aws.place import place

_PAGERDUTY = "https://events.pagerduty.com/integration/"


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_aws import sns

    spec = build.spec
    made = topic(build, "cloudwatch", main=True)
    more: dict[str, Any] = {"protocol": "https"}
    if spec.email is not None:
        more = {"protocol": "email", "endpoint": spec.email}
        build.note("email", "SNS writes to it after a link in the first e-mail has been followed, no sooner")
    elif spec.pagerduty is not None:
        key = pulumi.Output.from_input(_address(build, spec.pagerduty))
        more |= {
            "endpoint": pulumi.Output.concat(_PAGERDUTY, key, "/enqueue"),
            "endpoint_auto_confirms": True,
        }
    else:
        address = _address(build, spec.webhook)
        more["endpoint"] = address
        more["protocol"] = pulumi.Output.from_input(address).apply(
            lambda url: "http" if str(url).startswith("http://") else "https"
        )
        build.note("webhook", "SNS posts to it after it has called the SubscribeURL of the first message")
    build.make(sns.TopicSubscription, region=place(build).region, topic=made.arn, **more)
    return {"id": made.arn}


def _address(build: Build, given: Any) -> Any:
    """The address itself; one that is a secret is encrypted in the state: the subscription has to hold it."""
    if not isinstance(given, FromSecret):
        return given
    secret = build.spec_of("secrets", given.secret)
    value = os.environ.get(secret.env or "")  # one of a store is refused before
    if not value:
        raise UsageError(
            f"the environment variable {secret.env} is not set, and notifications.{build.name} needs it",
            code="secret-missing",
            where=f"secrets.{given.secret}",
            remedy=f"export {secret.env}=…",
        )
    return pulumi.Output.secret(value)
