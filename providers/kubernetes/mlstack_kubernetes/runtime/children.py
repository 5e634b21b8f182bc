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


def namespace(record: Record) -> str:
    return str(record.outputs.get("id") or "").partition("/")[0]


def deployments(record: Record) -> Mapping[str, str]:
    """Ids of an endpoint's Deployments by the spec's names."""
    return {name: str(held["id"]) for name, held in (record.outputs.get("deployments") or {}).items()}


def deployment(record: Record, name: str | None) -> str:
    """The id of one; without a name, of the only one. UsageError: there is none of that name."""
    known = deployments(record)
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name in known:
        return known[str(name)]
    lacks = f"no deployment {name!r}" if name else "several deployments"
    raise UsageError(
        f"endpoint {record.name!r} has {lacks}",
        remedy=f"name one of {', '.join(known)}",
    )


def first(record: Record, *types: str) -> ChildRecord | None:
    """The first of its children that is of one of the types, in their order."""
    return next((each for type in types for each in record.children if each.type == type), None)
