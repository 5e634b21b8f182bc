"""What a record of a stack holds: the provider resources below it, by type, and their names on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import ChildRecord, Record
from mlstack.suggest import suggest

ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
MODEL = "aws:sagemaker/model:Model"
SWITCH = "mlstack:aws:Switch"


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


def region(record: Record) -> str | None:
    """The region that a record's resources are in; None where none of them says it."""
    for child in record.children:
        for held in (child.inputs, child.outputs):
            if isinstance(held.get("region"), str):
                return str(held["region"])
    return None


def is_batch(record: Record) -> bool:
    return record.kind == "endpoints" and not of_type(record, ENDPOINT) and bool(of_type(record, MODEL))


def endpoint(record: Record) -> str:
    """The name on AWS of an online endpoint."""
    child = one(record, ENDPOINT)
    return str(child.outputs.get("name") or child.inputs.get("name") or child.id)


def held(record: Record) -> dict[str, Mapping[str, Any]]:
    """What the outputs say of an endpoint's deployments, by name in the spec."""
    found = record.outputs.get("deployments") or {}
    return {name: each if isinstance(each, Mapping) else {} for name, each in found.items()}


def deployments(record: Record) -> dict[str, str]:
    """The deployments of an endpoint: name in the spec -> variant of an online one, model of a batch one."""
    return {name: str(each.get("name") or name) for name, each in held(record).items()}


def deployment(record: Record, name: str) -> str:
    """The name in the spec of a deployment that is named so, or as on AWS. Raises UsageError."""
    known = deployments(record)
    for spec, aws in known.items():
        if name in (spec, aws):
            return spec
    near = suggest(name, list(known))
    raise UsageError(
        f"endpoint {record.name!r} has no deployment {name!r}",
        code="unknown-deployment",
        remedy=f"did you mean {near!r}?" if near else f"it has: {', '.join(known) or 'none'}",
    )
