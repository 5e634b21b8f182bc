"""Monitors and who they tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {
    "monitors": "nothing watches endpoints here yet: leave it out, and read the workers' /metrics",
    "notifications": "nothing here tells anybody anything yet: leave it out",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
