"""A notification on this machine: where a channel is, by its address or by the secret that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec.notification import FromSecret
from mlstack_local.kinds.common import warn_of_tags
from mlstack_local.kinds.job import secret_inputs

#: Channels whose address lets whoever knows it write there.
_SECRET = frozenset({"slack", "teams", "pagerduty", "apprise"})


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    channel = build.spec.channel
    address = getattr(build.spec, channel)
    inputs: dict[str, Any] = {"stack_uid": build.stack_uid, "name": build.name, "channel": channel}
    if isinstance(address, FromSecret):
        inputs["secret"] = secret_inputs(build, {"address": address.secret})["address"]
    else:
        inputs["address"] = pulumi.Output.secret(address) if channel in _SECRET else address
    if channel == "email":
        inputs["smtp"] = build.settings.smtp.filled()
    notification = GapResource("mlstack:local:Notification", build.child(), inputs, opts=build.opts())
    return {"id": notification.id}
