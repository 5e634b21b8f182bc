"""A notification: nothing by itself. The pods that read monitors are given its address, and write to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack.spec.notification import FromSecret
from mlstack_kubernetes.kinds.secret import KEY, secrets
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, named
from mlstack_kubernetes.pods import SecretOf

_SHARED = "kubernetes.notifications"
#: Channels whose address lets whoever knows it write there.
_SECRET = frozenset({"slack", "teams", "pagerduty", "apprise"})
_PASSWORD = "SMTP_PASSWORD"  # noqa: S105  a variable


@dataclass(frozen=True)
class Channel:
    """``document`` as `mlstack_local.notify.channel` reads it; ``secrets`` by the names in it."""

    document: Mapping[str, Any]
    secrets: Mapping[str, SecretOf] = field(default_factory=dict)


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.tags:
        build.warn("tags", "nothing is made: the pods that read monitors write to it")
    kind = spec.channel
    address = getattr(spec, kind)
    document: dict[str, Any] = {"name": build.name, "kind": kind, "smtp": {}}
    held: dict[str, SecretOf] = {}
    variable = f"NOTIFY_{build.name.upper().replace('-', '_')}"
    if isinstance(address, FromSecret):
        held |= secrets(build, {variable: address.secret})
    elif is_deferred(address) and kind in _SECRET:
        held[variable] = _kept(build, address)
    document |= {"secret": variable} if held else {"address": address}
    if kind == "email" and build.settings.smtp is not None:
        document["smtp"] = build.settings.smtp.filled()
        if build.settings.smtp.password is not None:
            held |= secrets(build, {_PASSWORD: build.settings.smtp.password})
            document["smtp"]["password"] = _PASSWORD
    build.shared.setdefault(_SHARED, {})[build.name] = Channel(document, held)
    return {"id": build.name}


def channel(build: Build, name: str) -> Channel:
    """Of the spec's notification of that name."""
    build.outputs("notifications", name)
    found: Channel = build.shared[_SHARED][name]
    return found


def _kept(build: Build, address: Any) -> SecretOf:
    """An address that is known only when the program runs, and is a secret."""
    from pulumi_kubernetes.core import v1

    made = make(
        build,
        v1.Secret,
        "address",
        name=physical(build),
        type="Opaque",
        string_data={KEY: pulumi.Output.secret(address)},
    )
    return SecretOf(pulumi.Output.unsecret(named(made)), KEY, "")
