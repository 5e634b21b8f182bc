"""A deployment of an online endpoint by KServe: an InferenceService whose predictor is the pod of ours.

KServe's own runtimes ask for no key, install no environment and keep no requests: what answers is the same in
each way of serving. Without Knative (``RawDeployment``) the pods are a Deployment's, and our Services lead to
them; where it has to sleep, or to follow requests, it is a Knative service, asked by KServe's address.

Sources: KServe v0.17, InferenceService v1beta1 (ComponentExtensionSpec, PodSpec), "Deployment modes",
"Autoscaling with Knative", InferenceGraph v1alpha1; Knative Serving, "Feature and extension flags".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.lowering.values import join, lift
from mlstack.provider import Build
from mlstack.spec import Deployment, Endpoint
from mlstack.spec.deployment import Replicas
from mlstack_kubernetes.kinds.guarding import guard
from mlstack_kubernetes.kinds.serving_pod import PATIENCE, USE, serving_pod
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.offering import KNATIVE_SERVICE, offering
from mlstack_kubernetes.place import make, named, place
from mlstack_kubernetes.pods import SecretOf, template

_API = "serving.kserve.io"
_MODE = f"{_API}/deploymentMode"
_INSIDE = {"networking.kserve.io/visibility": "cluster-local"}
#: What a predictor's container is called, for KServe to know it among others.
_CONTAINER = "kserve-container"
_READY = {"pulumi.com/waitFor": "condition=Ready"}


def on_knative(replicas: Replicas) -> bool:
    """Whether the replicas are such as Knative alone makes: none at times, or by the requests there are."""
    target = replicas.target
    asked = target is not None and (target.concurrency is not None or target.rps is not None)
    return replicas.min == 0 or asked


def build_inference(build: Build, name: str, spec: Deployment, key: SecretOf) -> Any:
    """The name of the InferenceService."""
    from pulumi_kubernetes.apiextensions import CustomResource

    knative = on_knative(spec.replicas)
    if knative:
        _with_knative(build, name)
    if spec.timeout is not None and not knative:
        build.warn(
            f"deployments.{name}.timeout",
            "callers in the cluster ask the server itself, and wait as long as they like",
        )
    pod = serving_pod(build, name, spec, key, port="http1" if knative else "http")
    made = template(build, pod)
    [main] = made["spec"].pop("containers")
    predictor = {
        **made["spec"],
        "containers": [{**main, "name": _CONTAINER}],
        "labels": made["metadata"]["labels"],
        **_scaled(build, name, spec, knative),
    }
    annotations = {**made["metadata"].get("annotations", {}), **(_window(spec.replicas) if knative else {})}
    if annotations:
        predictor["annotations"] = annotations
    service = make(
        build,
        CustomResource,
        name,
        main=True,
        name=physical(build, name),
        annotations={
            **(
                {_MODE: "Serverless"}
                if knative
                else {_MODE: "RawDeployment", f"{_API}/autoscalerClass": "hpa"}
            ),
            **_READY,
        },
        more_labels=_INSIDE,
        options={
            "custom_timeouts": pulumi.CustomTimeouts(create=f"{PATIENCE}s", update=f"{PATIENCE}s"),
        },
        api_version=f"{_API}/v1beta1",
        kind="InferenceService",
        spec={"predictor": predictor},
    )
    guard(build, name, port=None if knative else "http", kept=spec.replicas.min > 0)
    return named(service)


def address(build: Build, service: Any) -> Any:
    """Where a predictor on Knative is asked, in the cluster."""
    return join("http://", service, "-predictor.", place(build).namespace, ".svc/")


def build_graph(build: Build, spec: Endpoint, services: Mapping[str, Any]) -> Any:
    """Shares of requests by an InferenceGraph: its address. ``services`` are the deployments' own."""
    from pulumi_kubernetes.apiextensions import CustomResource

    build.warn(
        "deployments",
        f"KServe's router takes requests of /v2/models/{build.name}/infer alone, and passes on the headers "
        "that its configuration names (inferenceservice-config, router.headers.propagate): Authorization has "
        "to be among them, as the pods ask for the endpoint's key",
    )
    shared = {name: each.traffic for name, each in spec.deployments.items() if each.traffic}
    steps = [
        {
            "name": name,
            "weight": weight,
            "serviceUrl": lift(
                join("http://", services[name], ".", place(build).namespace, ".svc"),
                lambda url: f"{url}/v2/models/{build.name}/infer",
            ),
        }
        for name, weight in shared.items()
    ]
    graph = make(
        build,
        CustomResource,
        "graph",
        name=physical(build),
        annotations={_MODE: "RawDeployment", **_READY},
        more_labels=_INSIDE,
        api_version=f"{_API}/v1alpha1",
        kind="InferenceGraph",
        spec={"nodes": {"root": {"routerType": "Splitter", "steps": steps}}},
    )
    return join("http://", named(graph), ".", place(build).namespace, ".svc/")


def _with_knative(build: Build, name: str) -> None:
    found = offering(build)
    if found.unread is None and not found.has(KNATIVE_SERVICE):
        raise build.wrong(
            f"deployments.{name}.replicas",
            "the cluster has no Knative, which lets a deployment sleep, and follows its requests",
            "install Knative Serving beside KServe; or set min: 1 or more, and a target of cpu",
        )
    build.note(
        f"deployments.{name}.replicas",
        "Knative takes these pods where its config-features allows init containers, volume claims, security "
        "contexts and affinity (kubernetes.podspec-…)",
    )


def _scaled(build: Build, name: str, spec: Deployment, knative: bool) -> dict[str, Any]:
    replicas, target = spec.replicas, spec.replicas.target
    field = f"deployments.{name}.replicas.target"
    found: dict[str, Any] = {"minReplicas": replicas.min, "maxReplicas": replicas.max}
    if target is not None and target.gpu is not None:
        raise build.wrong(
            f"{field}.gpu", "KServe follows no use of accelerators", "follow cpu, concurrency or rps"
        )
    if target is not None and target.concurrency is not None:
        count = _whole(build, f"{field}.concurrency", target.concurrency)
        found |= {"scaleMetric": "concurrency", "scaleTarget": count}
    elif target is not None and target.rps is not None:
        found |= {"scaleMetric": "rps", "scaleTarget": _whole(build, f"{field}.rps", target.rps)}
    elif replicas.min != replicas.max and (not knative or (target is not None and target.cpu)):
        if knative:
            raise build.wrong(
                f"{field}.cpu",
                "a deployment on Knative sleeps by its requests, and follows them alone",
                "follow concurrency or rps; or set min: 1",
            )
        share = target.cpu if target is not None and target.cpu else USE
        found |= {"scaleMetric": "cpu", "scaleTarget": round(share)}
    if replicas.idle is not None and not knative:
        down = {"stabilizationWindowSeconds": round(replicas.idle)}
        found["autoScaling"] = {"behavior": {"scaleDown": down}}
    if spec.timeout is not None and knative:
        found["timeout"] = _whole(build, f"deployments.{name}.timeout", spec.timeout)
    return found


def _window(replicas: Replicas) -> dict[str, str]:
    """How long Knative looks back, and so waits until it takes a copy away."""
    return {} if replicas.idle is None else {"autoscaling.knative.dev/window": f"{round(replicas.idle)}s"}


def _whole(build: Build, field: str, value: float) -> int:
    if value % 1 or value < 1:
        raise build.wrong(field, "KServe counts in whole numbers, from 1", f"set {max(1, round(value))}")
    return round(value)
