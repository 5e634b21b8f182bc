"""What a record of a stack holds: the provider resources below it, by type, and their ids on Azure."""

from __future__ import annotations

from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import ChildRecord, Record
from mlstack.suggest import suggest

ML = "azure-native:machinelearningservices:"
JOB = "mlstack:azure:Job"


def of_type(record: Record, *types: str) -> list[ChildRecord]:
    """The children of these types, in the state's order; a version in a type's module does not count."""
    return [child for child in record.children if _plain(child.type) in types]


def one(record: Record, *types: str) -> ChildRecord:
    """The child of one of these types. Raises UsageError where the state has none yet."""
    for child in of_type(record, *types):
        return child
    raise UsageError(
        f"{record.kind}.{record.name} is not in the stack's state yet",
        code="not-in-stack",
        remedy="run `mlstack up`",
    )


def is_batch(record: Record) -> bool:
    return bool(of_type(record, f"{ML}BatchEndpoint"))


def endpoint_id(record: Record) -> str:
    """ARM id of an endpoint, online or batch."""
    return one(record, f"{ML}OnlineEndpoint", f"{ML}BatchEndpoint").id


def deployments(record: Record) -> dict[str, str]:
    """The deployments of an endpoint: name in the spec -> name on Azure."""
    found: dict[str, str] = {}
    for name, held in (record.outputs.get("deployments") or {}).items():
        found[name] = str(held.get("name") or name) if isinstance(held, dict) else name
    return found


def deployment(record: Record, name: str) -> str:
    """The name on Azure of a deployment. Raises UsageError for one that the endpoint does not have."""
    known = deployments(record)
    if name in known:
        return known[name]
    if name in known.values():
        return name
    near = suggest(name, list(known))
    raise UsageError(
        f"endpoint {record.name!r} has no deployment {name!r}",
        code="unknown-deployment",
        remedy=f"did you mean {near!r}?" if near else f"it has: {', '.join(known) or 'none'}",
    )


def workspace_of(record: Record) -> str:
    """ARM id of the workspace that a record's resources are in. Raises UsageError."""
    marker = "/providers/microsoft.machinelearningservices/workspaces/"
    ids: list[Any] = [record.outputs.get("id"), *(child.id for child in record.children)]
    for id in ids:
        text = str(id or "")
        at = text.lower().find(marker)
        if at > 0:
            name = text[at + len(marker) :].partition("/")[0]
            return text[: at + len(marker)] + name
    raise UsageError(
        f"{record.kind}.{record.name} is not in a workspace yet",
        code="not-in-stack",
        remedy="run `mlstack up`",
    )


def _plain(type: str) -> str:
    """A type without the version that its module may carry ("…/v20251201:Job")."""
    package, module, name = type.split(":")
    return f"{package}:{module.partition('/')[0]}:{name}"
