"""Endpoints on Azure: what is refused, and what makes no input.

Limits are those of Azure ML's pages "Manage quotas" (endpoints), "Managed online endpoints" and the YAML
references of deployments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering import probes
from mlstack.lowering.flavor import flavor_of
from mlstack.provider import Way
from mlstack.spec import Deployment, Endpoint, InlineModel, Stack
from mlstack_azure.durations import rolling_rate
from mlstack_azure.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {
    "endpoints.rollout": "Azure ML goes over to a changed deployment at once, when its copies are ready: "
    "write the new one as a deployment of its own, and raise its `traffic` by `mlstack up`",
    "endpoints.deployments.batching": "the platform's server calls the model once for each request: leave it "
    "out, or run a server of your own that batches, as server: {container: …} or {vllm: …}",
    "endpoints.deployments.limits.queue": "the platform queues by time and not by number: leave it out, and "
    "set limits.concurrency; what is above it is answered 429",
    "endpoints.deployments.limits.body": "the platform's own limit of the size of a request holds: leave it "
    "out",
    "endpoints.deployments.capture.keep": "captures are blobs in the workspace's storage account: leave it "
    "out, and set a lifecycle rule on modelDataCollector/ there",
}
NO_INPUT: Mapping[str, str] = {}

_AKS = {"compute": {"one": {"cluster": {"type": "aks"}}}}
_BY_CONCURRENCY = {"compute": "one", "replicas": {"target": {"concurrency": 4}}}
_ON_AKS = {**_AKS, "endpoints": {"one": {"deployments": {"main": _BY_CONCURRENCY}}}}

WAYS: Mapping[str, Way] = {
    "endpoints.deployments.compute": Way("one with a cluster; of a batch endpoint, any", _AKS, "one"),
    "endpoints.deployments.replicas.target.concurrency": Way("on a cluster", _ON_AKS),
    "endpoints.deployments.timeout": Way("up to 180s; of a batch endpoint, more", value="60s"),
    "endpoints.deployments.capture.rotate": Way("1m, 1h, 1d, 30d or 365d", value="1d"),
}

_SECONDS = {False: 180, True: 300}
_MOST_MIRRORED = 50
_IDLE = (300, 43_200)

Found = tuple[tuple[str | int, ...], str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, endpoint in stack.endpoints.items():
        for path, message, remedy in _of_endpoint(stack, name, endpoint):
            yield ("endpoints", name, *path), message, remedy
        for each, deployment in endpoint.deployments.items():
            of = _of_batch if endpoint.type == "batch" else _of_online
            for path, message, remedy in (*_of_deployment(stack, deployment), *of(stack, deployment)):
                yield ("endpoints", name, "deployments", each, *path), message, remedy


def _of_endpoint(stack: Stack, name: str, endpoint: Endpoint) -> Iterator[Found]:
    if endpoint.type == "batch":
        if endpoint.auth not in (None, "identity"):
            yield (
                ("auth",),
                "a batch endpoint takes Microsoft Entra tokens alone",
                "set auth: identity, or leave it out",
            )
        if endpoint.public is not None:
            yield (
                ("public",),
                "a batch endpoint is reached as its workspace is",
                "leave it out, and set workspace.network",
            )
        shares = {each: deployment.traffic for each, deployment in endpoint.deployments.items()}
        if 100 not in shares.values():
            first = max(shares, key=lambda each: shares[each] or 0)
            yield (
                ("deployments", first, "traffic"),
                "a run of a batch endpoint is one deployment's: it has a default, and no split",
                f"set traffic: 100 on one; `mlstack invoke {name} --deployment NAME` asks another",
            )
        return
    clusters = {deployment.compute for deployment in endpoint.deployments.values()}
    if len(clusters) > 1:
        odd = next(each for each, deployment in endpoint.deployments.items() if deployment.compute)
        yield (
            ("deployments", odd, "compute"),
            "an endpoint is on one cluster, or on the platform's own machines, with all its deployments",
            "give all deployments the same compute, or make an endpoint for each",
        )
    if clusters != {None} and endpoint.auth == "identity":
        yield (
            ("auth",),
            "an endpoint on a cluster takes keys and Azure ML's own tokens",
            "set auth: key or auth: token",
        )
    yield from _native_split(name, endpoint)
    mirrors = {each: deployment.mirror or 0 for each, deployment in endpoint.deployments.items()}
    mirrored = [each for each, share in mirrors.items() if share]
    for each in mirrored[1:]:
        yield (
            ("deployments", each, "mirror"),
            "the platform copies requests to one deployment alone",
            f"leave it out here, or at {mirrored[0]}",
        )
    for each in mirrored:
        if clusters != {None}:
            yield (
                ("deployments", each, "mirror"),
                "an endpoint on a cluster copies no requests",
                "leave it out, or leave out compute",
            )
        elif mirrors[each] > _MOST_MIRRORED:
            yield (
                ("deployments", each, "mirror"),
                f"the platform copies {_MOST_MIRRORED}% of the requests at most",
                f"set mirror to {_MOST_MIRRORED} or less",
            )


def _native_split(name: str, endpoint: Endpoint) -> Iterator[Found]:
    """A split passed natively: the endpoint is made before its deployments, which have names of their own."""
    block = endpoint.native.get("azure") or {}
    for at in ((), ("OnlineEndpoint",)):
        held = block.get(at[0]) if at else block
        properties = held.get("properties") if isinstance(held, Mapping) else None
        for key in ("traffic", "mirror_traffic"):
            split = properties.get(key) if isinstance(properties, Mapping) else None
            if split is None:
                continue
            told = ", ".join(repr(each) for each in split) if isinstance(split, Mapping) else ""
            word = key.partition("_")[0]
            yield (
                ("native", "azure", *at, "properties", key),
                f"when the endpoint is made, a deployment {told} does not exist yet, and the platform takes "
                f"no {word} to it"
                if told
                else f"the {word} is set when all deployments are up, and not with the endpoint",
                f"set `{word}` at endpoints.{name}.deployments.{next(iter(endpoint.deployments))} instead",
            )


def _of_deployment(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    """What holds for both types."""
    if deployment.environment is None and deployment.server is None:
        flavor = flavor_of(deployment, stack.models.get, stack.root)
        if flavor != "mlflow" and flavor not in PACKAGES:
            yield (
                (),
                "nothing says which packages this deployment needs",
                "set environment, or the model's flavor: one of " + ", ".join(["mlflow", *PACKAGES]),
            )
    if isinstance(deployment.model, InlineModel):
        from mlstack_azure.support import models

        of_source = getattr(models, "of_source", None)
        if of_source is not None:
            yield from of_source(stack, ("model",), deployment.model)


def _of_online(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    kubernetes = deployment.compute is not None
    pool = stack.compute.get(deployment.compute) if deployment.compute else None
    if pool is not None and pool.cluster is None and pool.existing is None:
        yield (
            ("compute",),
            "a pool of machines runs jobs and batch deployments; it cannot answer requests",
            "leave it out, or name a compute with a cluster",
        )
    most = _SECONDS[kubernetes]
    if deployment.timeout is not None and deployment.timeout > most:
        yield (
            ("timeout",),
            f"the platform gives an answer {most}s at most",
            f"set {most}s or less, or use an endpoint of type: batch",
        )
    yield from _of_replicas(deployment, kubernetes)
    yield from probes.refusals(deployment, "the platform counts in whole seconds", least_delay=1)
    yield from _of_container(deployment)
    rotate = deployment.capture.rotate if deployment.capture else None
    if rotate is not None and rolling_rate(rotate) is None:
        yield (
            ("capture", "rotate"),
            f"the platform begins new files by the minute, hour, day, month or year, not every {rotate}",
            "set 1m, 1h, 1d, 30d or 365d",
        )
    if kubernetes and deployment.disk is not None:
        yield ("disk",), "a container's disk is its node's", "set disk at the cluster's node pools"


def _of_replicas(deployment: Deployment, kubernetes: bool) -> Iterator[Found]:
    replicas, target = deployment.replicas, deployment.replicas.target
    if replicas.min == 0:
        yield (
            ("replicas", "min"),
            "an online deployment keeps one instance at least",
            "set min: 1, or use an endpoint of type: batch, whose machines go when nothing runs",
        )
    if kubernetes:
        for name in ("rps", "cpu", "gpu"):
            if target is not None and getattr(target, name) is not None:
                yield (
                    ("replicas", "target", name),
                    "on a cluster the platform counts requests under way",
                    "set target: {concurrency: …}",
                )
        if replicas.idle is not None:
            yield ("replicas", "idle"), "on a cluster the platform settles this itself", "leave it out"
        most = deployment.limits.concurrency if deployment.limits else None
        if target and target.concurrency and most and target.concurrency > most:
            yield (
                ("replicas", "target", "concurrency"),
                "a copy never has more requests than limits.concurrency",
                f"set {most} or less",
            )
        return
    if target is not None and target.concurrency is not None:
        yield (
            ("replicas", "target", "concurrency"),
            "the platform does not measure how many requests a managed deployment works on",
            "follow cpu, gpu or rps; or put it on a cluster (compute), where concurrency is measured",
        )
    if replicas.idle is not None and not _IDLE[0] <= replicas.idle <= _IDLE[1]:
        yield (
            ("replicas", "idle"),
            "Azure Monitor looks back 5 minutes to 12 hours before it takes an instance away",
            "set 5m to 12h",
        )


def _of_container(deployment: Deployment) -> Iterator[Found]:
    container = deployment.server.container if deployment.server else None
    if container is not None and not container.health.startswith("/"):
        yield (
            ("server", "container", "health"),
            f"{container.health!r} is no path",
            f"write /{container.health}",
        )


def _of_batch(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    if deployment.server is not None:
        yield (
            ("server",),
            "a batch endpoint has no server: the model is called with one mini-batch after the other",
            "give model, or code that loads it",
        )
    for variable in deployment.secrets:
        yield (
            ("secrets", variable),
            "the platform puts no secrets into a batch deployment",
            "read it in the code from the key vault, as the machine's identity (azure-identity)",
        )
