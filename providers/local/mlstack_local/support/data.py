"""Data: files and folders that are on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support.common import Refusal, missing_path

UNSUPPORTED: Mapping[str, str] = {"data.existing": "give the path of a file or folder on this machine"}
NO_INPUT: Mapping[str, str] = {"data.keep": "data stay where they are; nothing is removed"}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, data in stack.data.items():
        if refusal := missing_path(stack, ("data", name, "path"), data.path):
            yield refusal
