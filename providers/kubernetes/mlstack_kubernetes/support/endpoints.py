"""Endpoints in a cluster: what is refused, and what makes no input.

What a HorizontalPodAutoscaler follows by itself, and how long it waits: Kubernetes, "Horizontal Pod
Autoscaling" and the reference of HPAScalingRules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering import probes
from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Deployment, Endpoint, Stack
from mlstack.spec.deployment import Target
from mlstack_kubernetes.doors import is_split
from mlstack_kubernetes.settings import Settings
from mlstack_kubernetes.support.common import settings_of, unknown_gpu
from mlstack_kubernetes.words import ADDRESS

_BATCH = "a cluster has jobs for this: write a job whose command scores the data by `mlstack_serving.scoring`"
_WHOLE = "a cluster counts in whole seconds"

UNSUPPORTED: Mapping[str, str] = {
    "endpoints.type=batch": _BATCH,
    "endpoints.auth=token": "pods ask for a key, and give no tokens: set auth: key, or leave it out",
    "endpoints.auth=identity": "pods ask for a key, and know no identities: set auth: key, or leave it out",
    "endpoints.rollout": "a changed deployment takes over pod by pod: write the new one as a deployment of "
    "its own, and raise its `traffic` by `mlstack up`",
    "endpoints.deployments.mini_batch": _BATCH,
    "endpoints.deployments.max_errors": _BATCH,
}
NO_INPUT: Mapping[str, str] = {
    "endpoints.auth": "pods have one way by which callers show who they are",
}

_GATEWAY = {
    "name": "public",
    "address": "https://ml.example.com",
}
_SETTINGS = {
    "settings": {"kubernetes": {"gateway": _GATEWAY, "internal_gateway": {**_GATEWAY, "name": "internal"}}}
}
_ASKED = {"settings": {"kubernetes": {"prometheus": {"address": "http://prometheus.monitoring.svc:9090"}}}}
_BY_KEDA = "with KEDA and settings.kubernetes.prometheus.address"
_BY_EITHER = f"{_BY_KEDA}, or with KServe on Knative"
WAYS: Mapping[str, Way] = {
    "endpoints.deployments.replicas.target.concurrency": Way(_BY_EITHER, _ASKED),
    "endpoints.deployments.replicas.target.rps": Way(_BY_EITHER, _ASKED),
    "endpoints.deployments.replicas.target.gpu": Way(_BY_KEDA, _ASKED),
    "endpoints.public": Way(
        "with settings.kubernetes.gateway or ingress",
        _SETTINGS,
    ),
    "endpoints.deployments.traffic": Way("with settings.kubernetes.gateway or internal_gateway", _SETTINGS),
    "endpoints.deployments.mirror": Way("with settings.kubernetes.gateway or internal_gateway", _SETTINGS),
    "endpoints.deployments.timeout": Way(
        "with settings.kubernetes.gateway",
        {**_SETTINGS, "endpoints": {"one": {"public": True}}},
    ),
    "endpoints.deployments.server": Way(
        "without captures", {"endpoints": {"one": {"deployments": {"main": {"capture": None}}}}}
    ),
    "endpoints.deployments.gpu": Way(
        "of a type whose nodes are known",
        value="l4:2",
    ),
}

_MOST_PATIENT = 3600
_LONGEST_TIMEOUT = 99_999

_NO_RAY = (
    "endpoints are not served by KubeRay: a RayService starts applications of Ray Serve, and what answers "
    "here is mlstack's own server, vLLM or a container",
    "set plain or kserve, or leave it out",
)

Found = tuple[tuple[str | int, ...], str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    settings = settings_of(stack)
    if settings.serving == "kuberay" and stack.endpoints:
        yield ("settings", "kubernetes", "serving"), *_NO_RAY
    for name, endpoint in stack.endpoints.items():
        for path, message, remedy in _doors(endpoint, settings):
            yield ("endpoints", name, *path), message, remedy
        for each, deployment in endpoint.deployments.items():
            for path, message, remedy in _of_deployment(stack, deployment, settings):
                yield ("endpoints", name, "deployments", each, *path), message, remedy


def _doors(endpoint: Endpoint, settings: Settings) -> Iterator[Found]:
    """Whether the cluster has what the requests have to go through."""
    split = is_split(endpoint)
    if endpoint.public and settings.gateway is None and settings.ingress is None:
        yield (
            ("public",),
            "it is not said through what the cluster is reached from outside",
            "name its Gateway in settings.kubernetes.gateway, or its ingress controller in "
            "settings.kubernetes.ingress; or leave public out",
        )
    elif endpoint.public and split and settings.gateway is None:
        yield (
            ("deployments",),
            "an Ingress shares out no requests, and copies none",
            "name a Gateway in settings.kubernetes.gateway; or give one deployment traffic: 100, and none a "
            "mirror",
        )
    elif (
        not endpoint.public
        and split
        and settings.internal_gateway is None
        and not _by_graph(endpoint, settings)
    ):
        yield (
            ("deployments",),
            "a Service shares out no requests, and copies none",
            "name a Gateway in settings.kubernetes.internal_gateway; or give one deployment traffic: 100, "
            "and none a mirror",
        )


def _by_graph(endpoint: Endpoint, settings: Settings) -> bool:
    """Whether KServe may share out the requests, where the cluster has it."""
    return settings.serving != "plain" and not any(
        each.mirror or each.server is not None for each in endpoint.deployments.values()
    )


def _of_deployment(stack: Stack, deployment: Deployment, settings: Settings) -> Iterator[Found]:
    if deployment.environment is None and deployment.server is None:
        flavor = flavor_of(deployment, stack.models.get, stack.root)
        if flavor not in PACKAGES:
            yield (
                (),
                "nothing says which packages this deployment needs",
                "set environment, or the model's flavor: one of " + ", ".join(PACKAGES),
            )
    if refusal := unknown_gpu((), deployment):
        yield refusal
    yield from _replicas(deployment, settings)
    yield from _server(stack, deployment)
    timeout = deployment.timeout
    if timeout is not None and timeout > _LONGEST_TIMEOUT:
        yield ("timeout",), "a Gateway waits 99999 seconds at most", f"set {_LONGEST_TIMEOUT}s or less"
    yield from probes.refusals(deployment, _WHOLE)


def _replicas(deployment: Deployment, settings: Settings) -> Iterator[Found]:
    replicas = deployment.replicas
    if replicas.min == 0 and settings.serving == "plain":
        yield (
            ("replicas", "min"),
            "a cluster's own autoscaler keeps one copy at least",
            "set min: 1; or install KServe with Knative, and set settings.kubernetes.serving: kserve",
        )
    if replicas.idle is not None and (replicas.idle > _MOST_PATIENT or replicas.idle % 1):
        yield (
            ("replicas", "idle"),
            "a cluster's own autoscaler waits an hour at most, in whole seconds",
            f"set {min(_MOST_PATIENT, max(1, round(replicas.idle)))}s",
        )
    target = replicas.target
    if target is not None and target.cpu is None:
        yield from _followed(deployment, target, settings)
    if target is not None and target.cpu is not None and (target.cpu % 1 or target.cpu < 1):
        yield ("replicas", "target", "cpu"), "it is followed in whole percent, from 1", "set cpu: 50"


def _followed(deployment: Deployment, target: Target, settings: Settings) -> Iterator[Found]:
    """What the cluster's own autoscaler does not know."""
    [field] = target.model_fields_set
    server = deployment.server
    if settings.serving == "kserve":
        if target.gpu is not None:
            yield (
                ("replicas", "target", "gpu"),
                "KServe follows no use of accelerators",
                "follow cpu, concurrency or rps",
            )
    elif settings.prometheus.address is None and (settings.serving == "plain" or target.gpu is not None):
        yield (
            ("replicas", "target", field),
            "a cluster's own autoscaler knows the use of processors alone, and KEDA is not told whom to ask",
            ADDRESS,
        )
    elif server is not None and server.container is not None and target.gpu is None:
        yield (
            ("replicas", "target", field),
            "it is not known by what figures a server of one's own tells its requests",
            "follow cpu or gpu",
        )


def _server(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    server = deployment.server
    if server is None:
        return
    for field in ("limits", "batching", "capture"):
        if getattr(deployment, field) is not None:
            yield (
                (field,),
                "it is mlstack's own server that does this",
                "leave it out, and set it in the server that is given",
            )
    if server.vllm is not None and deployment.environment is not None:
        yield ("environment",), "vLLM brings its own software", "leave it out"
    if server.vllm is not None and deployment.model is None:
        yield ("model",), "nothing says which model vLLM serves", "set model: {hub: ID}"
    container = server.container
    if container is not None and not container.health.startswith("/"):
        yield (
            ("server", "container", "health"),
            f"{container.health!r} is no path",
            f"write /{container.health}",
        )
