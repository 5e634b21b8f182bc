"""Data on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_azure.support.common import Refusal, unusable_path

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.data.items():
        if refusal := unusable_path(stack, ("data", name, "path"), held.path):
            yield refusal
