"""Endpoints: what is refused, where that depends on values too, and the target's own choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlstack_serving.defaults import CONCURRENCY
from mlstack_serving.flavors import PACKAGES

from mlstack.spec import Deployment, Endpoint, InlineModel, Stack
from mlstack_local.support import models
from mlstack_local.support.common import Refusal

#: Requests that a worker of mlstack's own server works on at a time, where the spec has no limit of its own.
AT_A_TIME = CONCURRENCY

UNSUPPORTED: Mapping[str, str] = {
    "endpoints.rollout": "a local endpoint goes over at once, when the new workers answer: write the new one "
    "as a deployment of its own, and raise its `traffic` by `mlstack up`",
    "endpoints.auth=token": "set auth: key, or leave it out",
    "endpoints.auth=identity": "set auth: key, or leave it out",
    "endpoints.public=True": "a local endpoint is on loopback only: leave it out, or put a proxy before it",
    "endpoints.deployments.server.vllm": "have it run by server: {container: {image: vllm/vllm-openai, "
    "command: [vllm, serve, MODEL, --port, $(PORT)], health: /health}}",
    "endpoints.deployments.replicas.target.gpu": "the use of accelerators is not measured here: set "
    "concurrency, rps or cpu",
    "endpoints.deployments.model.registry": "download the model, and give path: FOLDER",
}

NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, endpoint in stack.endpoints.items():
        if endpoint.type == "batch":
            yield from _of_batch(name, endpoint)
        for deployment_name, deployment in endpoint.deployments.items():
            place = ("endpoints", name, "deployments", deployment_name)
            for path, message, remedy in _of_deployment(stack, deployment):
                yield (*place, *path), message, remedy


def _of_batch(name: str, endpoint: Endpoint) -> Iterator[Refusal]:
    """One deployment is the default; the others are named by who asks."""
    shares = {each: deployment.traffic for each, deployment in endpoint.deployments.items()}
    if 100 not in shares.values():
        first = max(shares, key=lambda each: shares[each] or 0)
        yield (
            ("endpoints", name, "deployments", first, "traffic"),
            "a run of a batch endpoint is one deployment's: it has a default, and no split",
            f"set traffic: 100 on one; `mlstack invoke {name} --deployment NAME` asks another",
        )
    for each, deployment in endpoint.deployments.items():
        if deployment.server is not None:
            yield (
                ("endpoints", name, "deployments", each, "server"),
                "a batch endpoint has no server: the model is called with one mini-batch after the other",
                "give model, or code that loads it",
            )


def _of_deployment(stack: Stack, deployment: Deployment) -> Iterator[Refusal]:
    if deployment.environment is None and deployment.server is None:
        flavor = flavor_of(deployment, stack.models.get)
        if flavor not in PACKAGES:
            yield (
                (),
                "nothing says which packages this deployment needs",
                "set environment, or the model's flavor: one of " + ", ".join(PACKAGES),
            )
    for name in ("batching", "limits"):
        if deployment.server is not None and getattr(deployment, name) is not None:
            yield (name,), "only mlstack's own server knows it", "set it in the server's own command"
    if isinstance(deployment.model, InlineModel):
        yield from models.of_source(stack, ("model",), deployment.model)
    yield from _of_paths(deployment)
    container = deployment.server.container if deployment.server else None
    if container and not container.command:
        yield (
            ("server", "container", "command"),
            "the local target runs no image, and so not the command that is in one",
            "write the command: it is run on this machine, with PORT saying where to listen",
        )


def _of_paths(deployment: Deployment) -> Iterator[Refusal]:
    probes, server = deployment.probes, deployment.server
    paths = {
        ("probes", "ready", "path"): probes.ready.path if probes and probes.ready else None,
        ("probes", "live", "path"): probes.live.path if probes and probes.live else None,
        ("server", "container", "health"): server.container.health if server and server.container else None,
    }
    for place, path in paths.items():
        if path is not None and not path.startswith("/"):
            yield place, f"{path!r} is no path", f"write /{path}"


def flavor_of(deployment: Deployment, model: Callable[[str], Any]) -> str | None:
    """The flavor that the spec gives a deployment's model, or that one of the hub mostly has; else None."""
    if deployment.model is None:
        return None
    found = deployment.model if isinstance(deployment.model, InlineModel) else model(deployment.model)
    if found is None:
        return None
    flavor: str | None = found.flavor or ("huggingface" if found.hub is not None else None)
    return flavor
