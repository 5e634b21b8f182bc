"""What a record has below it, as objects of a cluster: an id of pulumi-kubernetes is NAMESPACE/NAME."""

from __future__ import annotations

from collections.abc import Mapping

from mlstack.errors import UsageError
from mlstack.runtime import ChildRecord, Record

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
CRON = "kubernetes:batch/v1:CronJob"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
NAMESPACE = "kubernetes:core/v1:Namespace"


def is_inference(record: Record) -> bool:
    """Whether KServe serves it, by InferenceServices."""
    return any(each.type.endswith(":InferenceService") for each in record.children)


def namespace(record: Record) -> str:
    return str(record.outputs.get("id") or "").partition("/")[0]


def deployments(record: Record) -> Mapping[str, str]:
    """Ids of an endpoint's Deployments by the spec's names."""
    return {name: str(held["id"]) for name, held in (record.outputs.get("deployments") or {}).items()}


def named(record: Record, name: str) -> list[str]:
    """The name alone, if a deployment has it. UsageError: none has."""
    known = deployments(record)
    if name in known:
        return [name]
    raise UsageError(
        f"endpoint {record.name!r} has no deployment {name!r}", remedy=f"name one of {', '.join(known)}"
    )


def first(record: Record, *types: str) -> ChildRecord | None:
    """The first of its children that is of one of the types, in their order."""
    return next((each for type in types for each in record.children if each.type == type), None)
