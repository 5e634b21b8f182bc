"""Jobs in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_kubernetes.paths import SCHEME
from mlstack_kubernetes.support.common import settings_of

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "jobs.outputs.path": Way("on a volume of the cluster", value="pvc://results/place"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    settings = settings_of(stack)
    if settings.queue is not None and settings.cluster_queue is not None:
        yield (
            ("settings", "kubernetes", "queue"),
            "cluster_queue has a queue made, and jobs wait in one",
            "keep queue, for one that is there; or cluster_queue",
        )
    for job, spec in stack.jobs.items():
        for name, output in spec.outputs.items():
            if isinstance(output.path, str) and not output.path.startswith(SCHEME):
                yield (
                    ("jobs", job, "outputs", name, "path"),
                    "a job in a cluster writes to volumes alone",
                    "write pvc://CLAIM/PATH, or leave it out",
                )
        if spec.timeout is not None and spec.timeout % 1:
            yield (
                ("jobs", job, "timeout"),
                "a cluster counts in whole seconds",
                f"set {max(1, round(spec.timeout))}s",
            )
