"""What the cluster has: its API groups and their kinds, read once for each program.

An operator shows itself by its kinds: a cluster with KServe has ``serving.kserve.io/InferenceService``. A
choice made by them is kept by the stack (`chosen`): an operator that is installed some day replaces nothing.

Source: Kubernetes, "The Kubernetes API", aggregated discovery (``apidiscovery.k8s.io``; since 1.27).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mlstack.provider import Build
from mlstack_kubernetes import kubeconfig
from mlstack_kubernetes.place import place

INFERENCE_SERVICE = "serving.kserve.io/InferenceService"
INFERENCE_GRAPH = "serving.kserve.io/InferenceGraph"
KNATIVE_SERVICE = "serving.knative.dev/Service"
RAY_SERVICE = "ray.io/RayService"
SCALED_OBJECT = "keda.sh/ScaledObject"
PROMETHEUS_RULE = "monitoring.coreos.com/PrometheusRule"
LOCAL_QUEUE = "kueue.x-k8s.io/LocalQueue"

_KEY = "kubernetes.offering"
_PATIENCE = (3, 10)  # to be connected, to be answered
_AGGREGATED = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    for version in ("v2", "v2beta1")
)


@dataclass(frozen=True)
class Offering:
    """``kinds``: GROUP/KIND each. ``unread``: why the cluster could not be asked; it counts as plain then."""

    kinds: frozenset[str] = frozenset()
    unread: str | None = None

    def has(self, kind: str) -> bool:
        return kind in self.kinds


def offering(build: Build) -> Offering:
    """What the stack's cluster has. It is asked by the first who wants to know."""
    if _KEY not in build.shared:
        place(build)  # which settles the context
        build.shared[_KEY] = read(build.settings.context or build.choices.get(kubeconfig.CHOICE))
    found: Offering = build.shared[_KEY]
    return found


def chosen(build: Build, field: str, choose: Callable[[Offering], tuple[str, str]]) -> str:
    """The choice that the stack keeps for a field of this piece, shown in previews with its reason.

    ``choose`` says what is chosen, and why; it is asked where nothing is kept, or all is chosen anew
    (``--replan``).
    """
    key = f"{build.kind}.{build.name}.{field}"
    kept = build.choices.get(key)
    if kept is not None:
        build.choices.put(key, kept)
        build.note(field, f"{kept}, as chosen before; `--replan` chooses anew")
        return kept
    value, why = choose(offering(build))
    build.choices.put(key, value)
    build.note(field, f"{value}: {why}")
    return value


def read(context: str | None) -> Offering:
    """Ask the cluster of a context of the kubeconfig; None or "": the current one's, or the one around us."""
    from kubernetes import client, config
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    settings = client.Configuration()
    try:
        if any(file.is_file() for file in kubeconfig.files()):
            config.load_kube_config(
                config_file=os.pathsep.join(map(str, kubeconfig.files())),
                context=context or None,
                client_configuration=settings,
                persist_config=False,
            )
        else:
            config.load_incluster_config(client_configuration=settings)
        settings.retries = 0
        with client.ApiClient(settings) as asked:
            request = asked.param_serialize(
                "GET", "/apis", header_params={"Accept": _AGGREGATED}, auth_settings=["BearerToken"]
            )
            answer = asked.call_api(*request, _request_timeout=_PATIENCE)
            body = json.loads(answer.response.data)
            if answer.status != HTTPStatus.OK:
                return Offering(unread=f"it answers {answer.status}: {body.get('message')}")
    except (config.ConfigException, ApiException, HTTPError, OSError, ValueError) as failure:
        return Offering(unread=_said(failure))
    if body.get("kind") != "APIGroupDiscoveryList":
        return Offering(unread="its API server is older than Kubernetes 1.27")
    return Offering(frozenset(_kinds(body)))


def _said(failure: Exception) -> str:
    """In one line. Of a connection that failed, urllib3 wraps the reason up."""
    text = " ".join(str(getattr(failure, "reason", None) or failure).split())
    return text[-200:] or type(failure).__name__


def _kinds(body: Mapping[str, Any]) -> Iterator[str]:
    for group in body.get("items") or ():
        for version in group.get("versions") or ():
            for resource in version.get("resources") or ():
                kind = (resource.get("responseKind") or {}).get("kind")
                if kind:
                    yield f"{group['metadata']['name']}/{kind}"
