"""Which fields of the spec the cases cover, and which are not Azure ML's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.provider import Provider
from mlstack.support import places
from mlstack.testing import all_fields
from mlstack.testing.cases import stack_of

from .cases import FILES, Case, cases

#: Field path -> why azure-ai-ml has no word for what is built of it. Approved bodies (`approved/`) hold
#: these.
OUTSIDE: Mapping[str, str] = {
    "policies": "policies are asked before anything is sent",
    "secrets": "secrets of Key Vault are no part of Azure ML",
    "notifications": "action groups are Azure Monitor's; e-mail alone is a part of a monitor too",
    "budget": "budgets are Cost Management's",
    "tags": "the stack's tags are on each resource, as its own are",
    "compute.cluster.node_pools": "node pools are the Kubernetes service's",
    "compute.max_price": "it limits which machine is chosen, and is not sent",
    "endpoints.deployments.capture.keep": "how long blobs are kept is a rule of the storage account",
    "endpoints.deployments.replicas.max": "the scale of managed deployments is Azure Monitor's autoscale",
    "endpoints.deployments.replicas.target": "the scale of managed deployments is Azure Monitor's autoscale",
    "endpoints.deployments.replicas.idle": "the scale of managed deployments is Azure Monitor's autoscale",
    "monitors.code": "a measure of one's own is refused on this target",
    "monitors.min_samples": "it is known to the metric alerts of Azure Monitor alone",
    "monitors.quantile": "latency is watched by a metric alert of Azure Monitor",
}


def built(provider: Provider) -> list[str]:
    """The fields that the provider makes inputs of and that azure-ai-ml has a word for."""
    others = (*provider.no_input, *OUTSIDE, *(path for path in provider.unsupported if "=" not in path))
    return [str(field) for field in all_fields(provider) if not _within(str(field), others)]


def covered() -> set[str]:
    return {path for case in cases() for path in _covered(case)}


def _covered(case: Case) -> Iterator[str]:
    """The fields that a case gives to a resource that it compares."""
    stack = stack_of(dict(case.spec), FILES)
    compared = {tuple(pair.of.split(".")[:2]) for pair in case.pairs}
    from mlstack.registry import provider
    from mlstack.spec import KINDS

    for field in all_fields(provider("azure")):
        kind = field.path[0]
        for place, _ in places(stack, list(field.path)):
            named = field.path[-1] in ("existing", "registry")  # seen where something compared names it
            if kind not in KINDS or KINDS[kind].single or named or (kind, place[1]) in compared:
                yield str(field)


def _within(path: str, others: tuple[str, ...]) -> bool:
    return any(f"{path}.".startswith(f"{other}.") for other in others)
