"""An online endpoint: a Deployment for each of its own, a key, and the way that requests take to them.

Where all requests are one deployment's, a Service leads to it inside the cluster. To share them out, to copy
them, or to be reached from outside, they go through a Gateway or an ingress of the cluster (`kinds.routes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.gap import GapResource
from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack_kubernetes import doors
from mlstack_kubernetes.kinds import dashboard, routes, scraping
from mlstack_kubernetes.kinds.deployment import build_deployment
from mlstack_kubernetes.names import physical, selector
from mlstack_kubernetes.place import NOT_AWAITED, make, named, place
from mlstack_kubernetes.pods import SecretOf

if TYPE_CHECKING:
    from mlstack.spec import Deployment, Endpoint

TOKEN = "mlstack:kubernetes:Key"  # noqa: S105  a type
_KEY = "key"


def build(build: Build) -> Mapping[str, Any]:
    spec: Endpoint = build.spec
    dashboard.leave(build)
    scraping.build_monitor(build)
    key, secret = _keyed(build)
    route = doors.chosen(spec, build.settings)
    made = {
        name: build_deployment(build, name, each, secret, routed=route is not None)
        for name, each in spec.deployments.items()
    }
    if route is None:
        url = _inside(build, spec)
    else:
        services = {
            name: _service(build, selector(build, name), each, name)
            for name, each in spec.deployments.items()
        }
        url = routes.build_route(build, spec, route, services)
    return {
        "url": url,
        "id": join(place(build).namespace, "/", build.name),
        "key": key,
        "deployments": {name: {"id": join(place(build).namespace, "/", each)} for name, each in made.items()},
    }


def _keyed(build: Build) -> tuple[Any, SecretOf]:
    """The endpoint's key, and the Secret that its pods have it from."""
    from pulumi_kubernetes.core import v1

    made = GapResource(
        TOKEN,
        build.child("random"),
        {"stack_uid": build.stack_uid, "name": build.name},
        ("key",),
        build.opts(),
    )
    key = pulumi.Output.secret(made.output("key"))
    held = make(
        build,
        v1.Secret,
        "key",
        name=physical(build, "key"),
        type="Opaque",
        string_data={_KEY: key},
    )
    return key, SecretOf(pulumi.Output.unsecret(named(held)), _KEY, "")


def _inside(build: Build, spec: Endpoint) -> Any:
    """The address in the cluster, of the deployment that has all requests."""
    [answering] = [name for name, each in spec.deployments.items() if each.traffic == 100]
    service = _service(build, selector(build, answering), spec.deployments[answering])
    return join("http://", service, ".", place(build).namespace, ".svc/")


def _service(build: Build, wanted: Mapping[str, str], spec: Deployment, *suffixes: str) -> Any:
    from pulumi_kubernetes.core import v1

    made = make(
        build,
        v1.Service,
        *suffixes,
        name=physical(build, *suffixes),
        annotations=NOT_AWAITED,  # it is the Deployment's pods that are waited for
        more_labels=scraping.figures(build, spec),
        spec={
            "type": "ClusterIP",
            "selector": dict(wanted),
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "appProtocol": "http"}],
        },
    )
    return named(made)
