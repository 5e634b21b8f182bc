"""What is in the way of an `up` that waits, in the stack's own objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlstack.runtime import Trouble
from mlstack_kubernetes.cluster import Cluster
from mlstack_kubernetes.runtime import troubles as judged
from mlstack_kubernetes.settings import Settings


def troubles(cluster: Cluster, settings: Settings, begun: datetime) -> Iterator[Trouble]:
    """Of Deployments, Jobs and their pods. Events count since ``begun``: they outlive their cause."""
    pods = cluster.all("pods", namespace=settings.namespace)
    owners = cluster.all("deployments", namespace=settings.namespace)
    waiting = [each for each in cluster.all("jobs", namespace=settings.namespace) if _has_no_pod(each)]
    told = [
        (job, event) for job in waiting for event in cluster.events(job["metadata"]) if _time(event) >= begun
    ]
    return judged.told(pods, owners, told, float(settings.patience))


def _has_no_pod(job: Mapping[str, Any]) -> bool:
    status = job.get("status") or {}
    ended = any(each.get("status") == "True" for each in status.get("conditions") or ())
    return not ended and not status.get("active")


def _time(event: Mapping[str, Any]) -> datetime:
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return datetime.fromisoformat(next(filter(None, times), event["metadata"]["creationTimestamp"]))
