"""Models on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_gcp.support.common import unusable_path

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.models.items():
        if refusal := unusable_path(stack, ("models", name, "path"), held.path):
            yield refusal
