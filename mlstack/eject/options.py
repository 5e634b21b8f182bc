"""The options of a resource, as the program gave them to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.eject.layout import Expression, call, listed, literal, quoted
from mlstack.errors import UsageError

#: Of the request, and of `pulumi.ResourceOptions`. Aliases are of before: the state has the names of now.
_FLAGS = {"protect": "protect", "retainOnDelete": "retain_on_delete"}
_LISTS = {
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "additionalSecretOutputs": "additional_secret_outputs",
}


def options(request: Any, names: Mapping[str, str], waits: Expression | None = None) -> dict[str, Expression]:
    """Arguments of `pulumi.ResourceOptions`. ``names``: the variable of each URN; ``waits``: what it waits
    for beyond what its inputs refer to. UsageError: something that is not written."""
    if request.provider or request.remote or request.type.startswith("pulumi:providers:"):
        raise UsageError(
            f"{request.name} ({request.type}) is a provider, has one of its own, or is a package's "
            "component: eject does not write those",
            remedy="it stands in a Pulumi program already: keep it there",
        )
    found: dict[str, Expression] = {}
    if request.parent in names:
        found["parent"] = names[request.parent]
    if waits is not None:
        found["depends_on"] = waits
    if request.deleteBeforeReplaceDefined:
        found["delete_before_replace"] = literal(request.deleteBeforeReplace)
    found |= {name: "True" for key, name in _FLAGS.items() if getattr(request, key)}
    for key, name in _LISTS.items():
        if held := list(getattr(request, key)):
            found[name] = listed([quoted(each) for each in held])
    if request.deletedWith in names:
        found["deleted_with"] = names[request.deletedWith]
    limits = {
        verb: quoted(limit)
        for verb in ("create", "update", "delete")
        if (limit := getattr(request.customTimeouts, verb))
    }
    if limits:
        found["custom_timeouts"] = call("pulumi.CustomTimeouts", **limits)
    return found
