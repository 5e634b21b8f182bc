"""Endpoints: what is refused, where that depends on values too, and the target's own choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlstack.spec import Deployment, InlineModel, Stack
from mlstack_local.support.common import Refusal

#: Packages that load a flavor's files, where a deployment names no environment.
FLAVOR_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "sklearn": ("scikit-learn", "pandas"),
    "xgboost": ("xgboost", "scikit-learn", "pandas"),
    "lightgbm": ("lightgbm", "scikit-learn", "pandas"),
    "pytorch": ("torch", "numpy"),
    "onnx": ("onnxruntime", "numpy"),
    "huggingface": ("transformers", "torch"),
}

UNSUPPORTED: Mapping[str, str] = {
    "endpoints.type=batch": "run it as a job whose command reads the data and writes the predictions",
    "endpoints.auth=token": "set auth: key, or leave it out",
    "endpoints.auth=identity": "set auth: key, or leave it out",
    "endpoints.public=True": "a local endpoint is on loopback only: leave it out, or put a proxy before it",
    "endpoints.deployments.server": "only mlstack's own server runs here: give code that answers with "
    "any library",
    "endpoints.deployments.replicas.target": "the number of workers is fixed here: set replicas to a number",
    "endpoints.deployments.replicas.idle": "workers always stay up here: set replicas to a number",
    "endpoints.deployments.probes.live": "a worker that ends is started again by itself: leave it out",
    "endpoints.deployments.probes.ready.period": "workers are asked only while they start: leave it out",
    "endpoints.deployments.probes.ready.timeout": "workers are asked only while they start: leave it out",
    "endpoints.deployments.probes.ready.failures": "workers are asked only while they start: leave it out",
    "endpoints.deployments.model.hub": "download the model, and give path: FOLDER",
    "endpoints.deployments.model.registry": "download the model, and give path: FOLDER",
    "endpoints.deployments.mini_batch": "the local target has no batch endpoints: leave it out",
    "endpoints.deployments.max_errors": "the local target has no batch endpoints: leave it out",
}

NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, endpoint in stack.endpoints.items():
        for deployment_name, deployment in endpoint.deployments.items():
            place = ("endpoints", name, "deployments", deployment_name)
            for path, message, remedy in _of_deployment(stack, deployment):
                yield (*place, *path), message, remedy


def _of_deployment(stack: Stack, deployment: Deployment) -> Iterator[Refusal]:
    replicas = deployment.replicas
    if replicas.min != replicas.max:
        yield (
            ("replicas",),
            f"the local target keeps a fixed number of workers, not {replicas.min} to {replicas.max}",
            f"set replicas: {max(replicas.min, 1)}",
        )
    if deployment.environment is None and deployment.server is None:
        flavor = flavor_of(deployment, stack.models.get)
        if flavor not in FLAVOR_PACKAGES:
            yield (
                (),
                "nothing says which packages this deployment needs",
                "set environment, or the model's flavor: one of " + ", ".join(FLAVOR_PACKAGES),
            )
    for name in ("batching", "limits"):
        if deployment.server is not None and getattr(deployment, name) is not None:
            yield (name,), "only mlstack's own server knows it", "set it in the server's own command"
    inline = deployment.model.path if isinstance(deployment.model, InlineModel) else None
    if isinstance(inline, str) and "://" in inline:
        yield ("model", "path"), f"{inline} is not on this machine", "download it, and give its path"
    ready = deployment.probes.ready if deployment.probes else None
    if ready and ready.path is not None and not ready.path.startswith("/"):
        yield ("probes", "ready", "path"), f"{ready.path!r} is no path", f"write /{ready.path}"


def flavor_of(deployment: Deployment, model: Callable[[str], Any]) -> str | None:
    """The flavor that the spec gives a deployment's model; None when it gives none."""
    if deployment.model is None:
        return None
    found = deployment.model if isinstance(deployment.model, InlineModel) else model(deployment.model)
    flavor: str | None = found.flavor if found else None
    return flavor
