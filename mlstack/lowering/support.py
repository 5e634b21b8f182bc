"""The tables of what a target refuses, put together from one module for each kind of the spec.

A module has ``UNSUPPORTED`` (field path of the spec, or "path=value" -> why not, and what to do instead),
``NO_INPUT`` (fields that make no input of a resource: they act elsewhere), ``WAYS`` where a field is taken in
some company only, and ``refusals``, for what depends on values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from mlstack.provider import Way
from mlstack.spec import Stack

Refusal = tuple[tuple[str | int, ...], str, str | None]
"""Path in the spec, message, remedy."""


class Support:
    """What a `mlstack.provider.Provider` declares of it."""

    def __init__(self, *kinds: ModuleType) -> None:
        self._kinds = kinds
        self.unsupported: Mapping[str, str] = _merged(kinds, "UNSUPPORTED")
        self.no_input: Mapping[str, str] = _merged(kinds, "NO_INPUT")
        self.ways: Mapping[str, Way] = _merged(kinds, "WAYS")

    def refusals(self, stack: Stack) -> Iterator[Refusal]:
        for kind in self._kinds:
            yield from kind.refusals(stack)


def _merged(kinds: tuple[ModuleType, ...], table: str) -> dict[str, Any]:
    return {path: said for kind in kinds for path, said in getattr(kind, table, {}).items()}
