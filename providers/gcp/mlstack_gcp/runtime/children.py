"""What a record of a stack holds: the provider resources below it, by type, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import ChildRecord, Record
from mlstack.suggest import suggest

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
JOB = "mlstack:gcp:Job"


def of_type(record: Record, *types: str) -> list[ChildRecord]:
    """The children of these types, in the state's order."""
    return [child for child in record.children if child.type in types]


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
    """A batch endpoint has models and settings, and no endpoint of the platform's."""
    return record.kind == "endpoints" and bool(record.children) and not of_type(record, ENDPOINT)


def deployments(record: Record) -> dict[str, Mapping[str, Any]]:
    """The deployments of an endpoint by their names in the spec: ``id``, ``traffic``, ``replicas``."""
    held = record.outputs.get("deployments") or {}
    return {name: each if isinstance(each, Mapping) else {} for name, each in held.items()}


def deployment(record: Record, name: str) -> str:
    """The id of a deployment. Raises UsageError for one that the endpoint does not have."""
    known = deployments(record)
    if name in known:
        return str(known[name].get("id") or "")
    near = suggest(name, list(known))
    raise UsageError(
        f"endpoint {record.name!r} has no deployment {name!r}",
        code="unknown-deployment",
        remedy=f"did you mean {near!r}?" if near else f"it has: {', '.join(known) or 'none'}",
    )
