"""An online endpoint: a Deployment for each of its own, a key, and the way that requests take to them.

Where all requests are one deployment's, a Service leads to it inside the cluster. To share them out, to copy
them, or to be reached from outside, they go through a Gateway or an ingress of the cluster (`kinds.routes`).
Pods are a Deployment's of ours, or KServe's (`kinds.inference`), behind the same Services.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.gap import GapResource
from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack_kubernetes import doors, ways
from mlstack_kubernetes.kinds import dashboard, routes, scraping
from mlstack_kubernetes.kinds.deployment import build_deployment
from mlstack_kubernetes.kinds.inference import address, build_graph, build_inference, on_knative
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
    way = ways.serving(build)
    if way == "kserve":
        made = {name: build_inference(build, name, each, secret) for name, each in spec.deployments.items()}
        asleep = next((name for name, each in spec.deployments.items() if on_knative(each.replicas)), None)
    else:
        made = {
            name: build_deployment(build, name, each, secret, routed=route is not None)
            for name, each in spec.deployments.items()
        }
        asleep = None
    if asleep is not None:
        scraping.unseen(build)
        url = _by_knative(build, spec, asleep, made)
    elif route is None and not doors.is_split(spec):
        url = _inside(build, spec)
    else:
        services = {
            name: _service(build, selector(build, name), each, name)
            for name, each in spec.deployments.items()
        }
        if route is not None:
            url = routes.build_route(build, spec, route, services)
        else:
            url = _shared(build, spec, way, services)
    return {
        "url": url,
        "id": join(place(build).namespace, "/", build.name),
        "key": key,
        "deployments": {
            name: {"id": join(place(build).namespace, "/", each), "traffic": spec.deployments[name].traffic}
            for name, each in made.items()
        },
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


def _by_knative(build: Build, spec: Endpoint, name: str, made: Mapping[str, Any]) -> Any:
    """The address of a deployment that sleeps at times. A Service of ours would not wake it up."""
    if spec.public or doors.is_split(spec):
        raise build.wrong(
            f"deployments.{name}.replicas",
            "a deployment on Knative is asked at its own address in the cluster: no Gateway, and no share of "
            "requests, leads to it",
            "leave public out, and give one deployment traffic: 100; or set min: 1 and a target of cpu",
        )
    [answering] = [each for each, one in spec.deployments.items() if one.traffic == 100]
    if not on_knative(spec.deployments[answering].replicas):
        return _inside(build, spec)
    return address(build, made[answering])


def _shared(build: Build, spec: Endpoint, way: ways.Way, services: Mapping[str, Any]) -> Any:
    """The address of what shares out requests where the settings name no Gateway."""
    remedy = (
        "name a Gateway in settings.kubernetes.internal_gateway; or give one deployment traffic: 100, and "
        "none a mirror"
    )
    if way != "kserve":
        raise build.wrong("deployments", "a Service shares out no requests, and copies none", remedy)
    if any(each.mirror for each in spec.deployments.values()):
        raise build.wrong("deployments", "an InferenceGraph of KServe's copies no requests", remedy)
    if any(each.server is not None for each in spec.deployments.values()):
        only = "an InferenceGraph of KServe's asks for /v2/models/NAME/infer alone"
        raise build.wrong("deployments", only, remedy)
    return build_graph(build, spec, services)


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
