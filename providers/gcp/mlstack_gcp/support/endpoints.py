"""Endpoints on Vertex AI: what is refused, and what makes no input.

Limits are those of the pages "Choose an endpoint type", "Custom container requirements for inference" and
"Quotas and limits", and of the messages of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering import probes
from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.support import Refusal
from mlstack.placement.machine import accelerated
from mlstack.provider import Way
from mlstack.spec import Deployment, Endpoint, InlineModel, Stack
from mlstack_gcp.catalogue import CAPABILITIES
from mlstack_gcp.machines import problem

UNSUPPORTED: Mapping[str, str] = {
    "endpoints.rollout": "Vertex AI goes over to a changed deployment at once, when its replicas are ready: "
    "write the new one as a deployment of its own, and raise its `traffic` by `mlstack up`",
    "endpoints.auth=key": "Vertex AI has no keys: callers show who they are by Google's identity; set auth: "
    "identity, or leave it out",
    "endpoints.auth=token": "Vertex AI gives no tokens of its own: callers show who they are by Google's "
    "identity; set auth: identity, or leave it out",
    "endpoints.deployments.mirror": "Vertex AI copies no requests: leave it out, and set a small traffic, or "
    "capture requests and score them with an endpoint of type: batch",
    "endpoints.deployments.disk": "machines that serve come with their disk: leave it out, and choose one "
    "with more memory where a model needs it",
    "endpoints.deployments.replicas.target.concurrency": "Vertex AI does not count how many requests a "
    "replica works on: follow rps, cpu or gpu",
    "endpoints.deployments.replicas.idle": "Vertex AI settles by itself when a replica goes: leave it out",
    "endpoints.deployments.capture.rotate": "captures are rows of a table in BigQuery, and not files: leave "
    "it out; keep says how long they stay",
}
NO_INPUT: Mapping[str, str] = {
    "endpoints.auth": "Vertex AI has one way by which callers show who they are",
}

WAYS: Mapping[str, Way] = {
    "endpoints.deployments.replicas.target.gpu": Way(
        "of a machine with an accelerator",
        {"endpoints": {"one": {"deployments": {"main": {"size": "gpu-t4"}}}}},
    ),
    "endpoints.deployments.cpus": Way("the cheapest machine that has as many is taken", value=12),
    "endpoints.deployments.timeout": Way("in whole seconds, an hour at most", value="60s"),
}

_LONGEST = 3600

Found = tuple[tuple[str | int, ...], str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, endpoint in stack.endpoints.items():
        for path, message, remedy in _of_endpoint(endpoint):
            yield ("endpoints", name, *path), message, remedy
        for each, deployment in endpoint.deployments.items():
            of = _of_batch if endpoint.type == "batch" else _of_online
            for path, message, remedy in (*_of_deployment(stack, deployment), *of(stack, deployment)):
                yield ("endpoints", name, "deployments", each, *path), message, remedy


def _of_endpoint(endpoint: Endpoint) -> Iterator[Found]:
    if endpoint.type == "batch":
        if endpoint.public is not None:
            yield ("public",), "a batch endpoint has no address that could be reached", "leave it out"
        if 100 not in [each.traffic for each in endpoint.deployments.values()]:
            first = max(endpoint.deployments, key=lambda each: endpoint.deployments[each].traffic or 0)
            yield (
                ("deployments", first, "traffic"),
                "a run of a batch endpoint is one deployment's: it has a default, and no split",
                "set traffic: 100 on one; `mlstack invoke --deployment NAME` asks another",
            )
        return
    yield from _alike(endpoint, "timeout", "answers within one time, whichever deployment they come from")
    yield from _alike(endpoint, "capture", "requests are captured for the endpoint as a whole")
    own = {name: each.server is not None for name, each in endpoint.deployments.items()}
    if len(set(own.values())) > 1:
        odd = next(name for name, is_own in own.items() if is_own)
        yield (
            ("deployments", odd, "server"),
            "a server of one's own is asked at its paths, mlstack's at one route: callers of a split would "
            "not know which",
            "give all deployments a server, or none, or make an endpoint for each",
        )


def _alike(endpoint: Endpoint, field: str, why: str) -> Iterator[Found]:
    """What is the endpoint's on the platform, and a deployment's in the spec."""
    held = {name: getattr(each, field) for name, each in endpoint.deployments.items()}
    given = {name: value for name, value in held.items() if value is not None}
    first = next(iter(given), None)
    for name, value in held.items():
        if first is not None and value != given[first]:
            yield (
                ("deployments", name, field),
                why,
                f"give all deployments the same {field}, as deployment {first} has it",
            )


def _of_deployment(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    """What holds for both types."""
    found = _model(stack, deployment)
    registered = found is not None and found.registry is not None
    if not registered and deployment.environment is None and deployment.server is None:
        flavor = flavor_of(deployment, stack.models.get, stack.root)
        if flavor != "mlflow" and flavor not in PACKAGES:
            yield (
                (),
                "nothing says which packages this deployment needs",
                "set environment, or the model's flavor: one of " + ", ".join(["mlflow", *PACKAGES]),
            )
    if isinstance(deployment.model, InlineModel):
        from mlstack_gcp.support import models

        of_source = getattr(models, "of_source", None)
        if of_source is not None:
            yield from of_source(stack, ("model",), deployment.model)
    if isinstance(deployment.instance, str) and (wrong := problem(deployment.instance, jobs=False)):
        yield ("instance",), *wrong
    for variable in deployment.env:
        if variable.startswith("AIP_"):
            yield ("env", variable), "Vertex AI sets the variables AIP_… itself", "give it another name"
    container = deployment.server.container if deployment.server else None
    if container is not None and deployment.secrets and not container.command:
        yield (
            ("secrets", next(iter(deployment.secrets))),
            "secrets are fetched before the server starts, and nothing says how it is started",
            "give server.container.command, in an image that has Python; or have the server read the secrets",
        )
    if container is not None and not container.health.startswith("/"):
        yield (
            ("server", "container", "health"),
            f"{container.health!r} is no path",
            f"write /{container.health}",
        )
    for field in ("limits", "batching"):
        if deployment.server is not None and getattr(deployment, field) is not None:
            yield (
                (field,),
                "it is mlstack's own server that does this",
                "leave it out, and set it in the server that is given",
            )


def _of_online(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    target = deployment.replicas.target
    if target is not None and target.gpu is not None and accelerated(CAPABILITIES, deployment) is False:
        yield (
            ("replicas", "target", "gpu"),
            "its machine has no accelerator whose use could be followed",
            "follow cpu or rps, or set gpu or size: gpu-t4 at the deployment",
        )
    timeout = deployment.timeout
    if timeout is not None and (timeout > _LONGEST or timeout < 1 or timeout % 1):
        yield (
            ("timeout",),
            "the platform counts in whole seconds, from 1 to an hour",
            f"set {min(_LONGEST, max(1, round(timeout)))}s, or use an endpoint of type: batch",
        )
    if deployment.replicas.min == 0:
        yield (
            ("replicas", "min"),
            "an online deployment keeps one replica at least",
            "set min: 1, or use an endpoint of type: batch, whose machines go when nothing runs",
        )
    pool = stack.compute.get(deployment.compute) if deployment.compute else None
    if pool is not None:
        yield from _of_pool(pool)
    yield from probes.refusals(deployment, "the platform counts in whole seconds")


def _of_pool(pool: Any) -> Iterator[Found]:
    if pool.cluster is not None or pool.existing is not None:
        yield (
            ("compute",),
            "deployments share machines that are made for them, and not a cluster or what is there",
            "leave it out, or name a compute with a size",
        )
    elif pool.min > 0:
        yield (
            ("compute",),
            "the compute keeps machines for jobs, on which nothing is deployed",
            "name a compute without min, whose size deployments then share",
        )
    if pool.spot:
        yield ("compute",), "deployments share no spare machines", "set spot: false at the compute"


def _of_batch(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    if deployment.server is not None:
        yield (
            ("server",),
            "a run asks the model by the route of mlstack's own server",
            "give model, or code that loads it",
        )
    if deployment.timeout is not None:
        yield (
            ("timeout",),
            "the platform has no limit for one call of a run",
            "leave it out; `mlstack cancel` stops a run",
        )


def _model(stack: Stack, deployment: Deployment) -> Any:
    if deployment.model is None or isinstance(deployment.model, InlineModel):
        return deployment.model
    return stack.models.get(deployment.model)
