"""Data on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_gcp import uris
from mlstack_gcp.support.common import unusable_path

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "data.existing": Way("by its place in a bucket", value="gs://ml-prod/data/rows.csv"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.data.items():
        if refusal := unusable_path(stack, ("data", name, "path"), held.path):
            yield refusal
        if isinstance(held.existing, str) and uris.scheme(held.existing) != "gs":
            yield (
                ("data", name, "existing"),
                "Vertex AI's own data sets hold no files that a job could read",
                "name what is there by its place: gs://BUCKET/…",
            )
