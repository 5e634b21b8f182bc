"""Models in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import InlineModel, Stack
from mlstack_kubernetes.support.common import unusable_path

_REGISTRY = "a cluster has no registry of models: name its files by path: pvc://CLAIM/PATH, or by hub: ID"

UNSUPPORTED: Mapping[str, str] = {
    "models.registry": _REGISTRY,
    "endpoints.deployments.model.registry": _REGISTRY,
}
NO_INPUT: Mapping[str, str] = {
    "models.from": "the deployments that serve it mount what the job has put out",
}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.models.items():
        if refusal := unusable_path(stack, ("models", name, "path"), held.path):
            yield refusal
    for name, endpoint in stack.endpoints.items():
        for each, deployment in endpoint.deployments.items():
            if isinstance(deployment.model, InlineModel):
                place = ("endpoints", name, "deployments", each, "model", "path")
                if refusal := unusable_path(stack, place, deployment.model.path):
                    yield refusal
