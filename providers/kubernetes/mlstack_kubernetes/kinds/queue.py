"""The queue that jobs wait in, where the cluster has Kueue: a label, by which Kueue keeps a Job suspended
until there is room for it.

Source: Kueue, "Run A Kubernetes Job", "Run A CronJob", the reference of LocalQueue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.errors import Problem, SpecError
from mlstack.provider import Build
from mlstack_kubernetes import offering
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, named, place

LABEL = "kueue.x-k8s.io/queue-name"
_SHARED = "kubernetes.queue"


def labels(build: Build) -> Mapping[str, Any]:
    """Of a Job; none where the settings name no queue."""
    settings = build.settings
    field = "queue" if settings.queue is not None else "cluster_queue"
    if getattr(settings, field) is not None:
        _there(build, field)
    if settings.cluster_queue is None:
        return {LABEL: settings.queue} if settings.queue is not None else {}
    if _SHARED not in build.shared:
        build.shared[_SHARED] = _made(place(build).workspace, settings.cluster_queue)
    return {LABEL: build.shared[_SHARED]}


def _there(build: Build, field: str) -> None:
    """Raises SpecError where the cluster was asked, and has no Kueue."""
    found = offering.offering(build)
    if found.unread is None and not found.has(offering.LOCAL_QUEUE):
        path = ("settings", "kubernetes", field)
        message, remedy = "the cluster has no Kueue, whose queue this is", "install Kueue, or leave it out"
        problem = Problem("unsupported", message, ".".join(path), *build.locate(path), remedy)
        raise SpecError([problem])


def _made(build: Build, cluster: str) -> Any:
    """A queue of the stack's own, before one of the cluster's: once for all jobs of a program."""
    from pulumi_kubernetes.apiextensions import CustomResource

    made = make(
        build,
        CustomResource,
        "queue",
        name=physical(build, "queue"),
        api_version="kueue.x-k8s.io/v1beta1",
        kind="LocalQueue",
        spec={"clusterQueue": cluster},
    )
    return named(made)
