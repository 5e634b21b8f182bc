"""Kinds that a cluster does not have by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

UNSUPPORTED: Mapping[str, str] = {
    "budget": "a cluster has no prices: set a budget at the cloud that runs it, and leave it out",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
