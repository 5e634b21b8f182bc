"""Jobs on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "jobs.outputs.path": Way("in Cloud Storage", value="gs://bucket/place/"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    """Outputs are written to mounted buckets: another store's address is no path there."""
    for job, spec in stack.jobs.items():
        for name, output in spec.outputs.items():
            if isinstance(output.path, str) and not output.path.startswith("gs://"):
                yield (
                    ("jobs", job, "outputs", name, "path"),
                    "a job of Vertex AI writes to Cloud Storage alone",
                    "write gs://BUCKET/…, or leave it out",
                )
