"""A stack's state as records: what is there, with what outputs, secrets decrypted in memory only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlstack.engine.urn import Urn
from mlstack.plugin.wire import SECRET, SIGNATURE, UNKNOWN_TEXT
from mlstack.runtime import ChildRecord, Record

if TYPE_CHECKING:
    from mlstack.engine.session import Session

MASK = "[secret]"
UNKNOWN = "[unknown]"
"""Stands for a value that only the apply can tell."""


def export(session: Session) -> list[dict[str, Any]]:
    """The resources of the state, as the engine exports them, secrets in clear."""
    if not session.existed:
        return []
    exported = json.loads(session.pulumi("stack", "export", "--show-secrets"))
    resources: list[dict[str, Any]] = (exported.get("deployment") or {}).get("resources") or []
    return resources


def records(resources: list[dict[str, Any]]) -> list[Record]:
    """Components of the state with the provider resources below them."""
    children: dict[str, list[ChildRecord]] = {}
    owners = {resource["urn"]: resource.get("parent", "") for resource in resources}
    for resource in resources:
        urn = Urn.parse(resource["urn"])
        if resource.get("custom") and not urn.is_provider:
            component = _component(resource["urn"], owners)
            children.setdefault(component, []).append(_child(resource, urn))
    found = []
    for resource in resources:
        urn = Urn.parse(resource["urn"])
        if urn.is_component and urn.kind:
            outputs = clear(resource.get("outputs") or {})
            found.append(Record(urn.kind, urn.name, outputs, tuple(children.get(resource["urn"], ()))))
    return found


def outputs(resources: list[dict[str, Any]], *, show_secrets: bool) -> dict[str, Any]:
    """What the program exported; secrets read "[secret]" unless they are to be shown."""
    for resource in resources:
        if Urn.parse(resource["urn"]).is_root:
            exported = resource.get("outputs") or {}
            shown: dict[str, Any] = clear(exported) if show_secrets else masked(exported)
            return shown
    return {}


def clear(value: Any) -> Any:
    """The value with its secrets in clear."""
    return _walk(value, lambda secret: json.loads(secret["plaintext"]))


def masked(value: Any) -> Any:
    """The value with a mask in place of each secret."""
    return _walk(value, lambda _secret: MASK)


def _walk(value: Any, reveal: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return reveal(value)
        return {key: _walk(item, reveal) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, reveal) for item in value]
    return UNKNOWN if value == UNKNOWN_TEXT else value


def _component(urn: str, owners: Mapping[str, str]) -> str:
    while urn and not Urn.parse(urn).is_component:
        urn = owners.get(urn, "")
    return urn


def _child(resource: dict[str, Any], urn: Urn) -> ChildRecord:
    return ChildRecord(
        urn=resource["urn"],
        type=urn.type,
        name=urn.name,
        id=resource.get("id", ""),
        inputs=clear(resource.get("inputs") or {}),
        outputs=clear(resource.get("outputs") or {}),
    )
