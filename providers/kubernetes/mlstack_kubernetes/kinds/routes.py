"""How requests get to an endpoint through what a cluster has at its door.

Through a Gateway, below ``/NAME/`` of its address. Ingress controllers each have their own way to rewrite a
path, so through one an endpoint has a host of its own, ``NAME.HOST``.

Sources: Gateway API, HTTPRoute (backendRefs' weight, filters RequestMirror and URLRewrite, timeouts);
Kubernetes, "Ingress".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mlstack.provider import Build
from mlstack.spec import Endpoint
from mlstack_kubernetes.doors import Door
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make
from mlstack_kubernetes.settings import Gateway, Ingress


def build_route(build: Build, spec: Endpoint, door: Door, services: Mapping[str, Any]) -> str:
    """The address of the endpoint; ``services`` are those of its deployments."""
    if isinstance(door, Gateway):
        _http_route(build, spec, door, services)
        return f"{door.address}/{build.name}/"
    [answering] = [name for name, each in spec.deployments.items() if each.traffic == 100]
    _ingress(build, door, services[answering])
    scheme, _, host = door.address.partition("://")
    return f"{scheme}://{build.name}.{host}/"


def _http_route(build: Build, spec: Endpoint, gateway: Gateway, services: Mapping[str, Any]) -> None:
    from pulumi_kubernetes.apiextensions import CustomResource

    rule: dict[str, Any] = {
        "matches": [{"path": {"type": "PathPrefix", "value": f"/{build.name}"}}],
        "filters": [
            {"type": "URLRewrite", "urlRewrite": {"path": _replaced("/")}},
            *(_copied(each.mirror, services[name]) for name, each in spec.deployments.items() if each.mirror),
        ],
        "backendRefs": [
            {"name": services[name], "port": 80, "weight": each.traffic or 0}
            for name, each in spec.deployments.items()
            if not each.mirror
        ],
    }
    timeouts = [float(each.timeout) for each in spec.deployments.values() if each.timeout is not None]
    if timeouts:
        rule["timeouts"] = {"request": f"{round(max(timeouts) * 1000)}ms"}
    parent: dict[str, Any] = {"name": gateway.name}
    if gateway.namespace is not None:
        parent["namespace"] = gateway.namespace
    make(
        build,
        CustomResource,
        "route",
        name=physical(build),
        api_version="gateway.networking.k8s.io/v1",
        kind="HTTPRoute",
        spec={"parentRefs": [parent], "hostnames": [_host(gateway)], "rules": [rule]},
    )


def _copied(share: int | None, service: Any) -> dict[str, Any]:
    mirrored: dict[str, Any] = {"backendRef": {"name": service, "port": 80}}
    if share != 100:
        mirrored["percent"] = share
    return {"type": "RequestMirror", "requestMirror": mirrored}


def _replaced(path: str) -> dict[str, str]:
    return {"type": "ReplacePrefixMatch", "replacePrefixMatch": path}


def _ingress(build: Build, ingress: Ingress, service: Any) -> None:
    from pulumi_kubernetes.networking import v1

    host = f"{build.name}.{_host(ingress)}"
    backend = {"service": {"name": service, "port": {"name": "http"}}}
    spec: dict[str, Any] = {
        "ingressClassName": ingress.class_name,
        "rules": [
            {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
        ],
    }
    if urlsplit(ingress.address).scheme == "https":
        certificate = {"secretName": ingress.certificate} if ingress.certificate else {}
        spec["tls"] = [{"hosts": [host], **certificate}]
    make(build, v1.Ingress, "route", name=physical(build), spec=spec)


def _host(door: Door) -> str:
    return str(urlsplit(door.address).hostname)
