"""Drops, one by one, every property that builders send, and tells which drops a comparison notices.

A line of a builder's mapping is a property of an input; without the line the property is not sent. What is
dropped is enumerated from what the cases really sent, so a new line is enumerated as soon as a case reaches
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlstack.testing import Registered

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Line:
    """A property of a type, whichever resource has it. Entries of lists have no number here."""

    type: str
    path: str


def properties(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """The way to each property, maps' own entries included, from the outside in."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (*steps, key)
            yield from properties(item, (*steps, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from properties(item, (*steps, index))


def lines(resources: Sequence[Registered]) -> dict[Line, dict[int, list[Steps]]]:
    """Each property that any of the resources has; by number of the resource, where it is in its inputs."""
    found: dict[Line, dict[int, list[Steps]]] = {}
    for number, resource in enumerate(resources):
        for steps in properties(resource.inputs):
            path = ".".join("*" if isinstance(step, int) else str(step) for step in steps)
            found.setdefault(Line(resource.type, path), {}).setdefault(number, []).insert(0, steps)
    return found


def without(value: Any, steps: Steps) -> Any:
    """The value with one property of it dropped."""
    first, *rest = steps
    if isinstance(value, list | tuple):
        return [without(item, tuple(rest)) if index == first else item for index, item in enumerate(value)]
    if not rest:
        return {key: item for key, item in value.items() if key != first}
    return {key: without(item, tuple(rest)) if key == first else item for key, item in value.items()}
