"""The second net: what botocore's service models say of a call's values.

botocore itself checks types, required keys and shortest lengths. The models also have patterns, longest
lengths, bounds and words, which only the service checks: here they are checked before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore

from mlstack.resource import UNKNOWN
from mlstack.suggest import suggest

Problem = tuple[str, str]


def source(service: str, operation: str) -> str:
    return f"botocore {botocore.__version__}, the service model of {service}: {operation}"


def problems(shape: Any, value: Any, at: str = "") -> Iterator[Problem]:
    """(path, what is wrong). What is not known yet is passed over."""
    if value is UNKNOWN or value is None or shape is None:
        return
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        for key in shape.required_members:
            if value.get(key) is None:
                yield (f"{at}.{key}" if at else key), "is missing"
        for key, one in value.items():
            yield from problems(shape.members.get(key), one, f"{at}.{key}" if at else key)
    elif kind == "list" and isinstance(value, (list, tuple)):
        yield from _sized(shape, len(value), at, "items")
        for index, one in enumerate(value):
            yield from problems(shape.member, one, f"{at}[{index}]")
    elif kind == "map" and isinstance(value, Mapping):
        yield from _sized(shape, len(value), at, "entries")
        for key, one in value.items():
            yield from problems(shape.key, key, f'{at}["{key}"]')
            yield from problems(shape.value, one, f'{at}["{key}"]')
    elif kind == "string" and isinstance(value, str):
        yield from _text(shape, value, at)
    elif kind in ("integer", "long", "float", "double") and isinstance(value, (int, float)):
        low, high = _bounds(shape)
        if (low is not None and value < low) or (high is not None and value > high):
            yield at, f"{value:g} is not {_between(low, high)}"


def _text(shape: Any, value: str, at: str) -> Iterator[Problem]:
    words = shape.enum
    if words and value not in words:
        near = suggest(value, words)
        yield (
            at,
            f"{value!r} is not one of {', '.join(words[:12])}{' …' if len(words) > 12 else ''}"
            + (f"; did you mean {near!r}?" if near else ""),
        )
        return
    yield from _sized(shape, len(value), at, "characters")
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(value):
        yield at, f"{value!r} does not match {pattern}"


def _sized(shape: Any, size: int, at: str, what: str) -> Iterator[Problem]:
    low, high = _bounds(shape)
    if (low is not None and size < low) or (high is not None and size > high):
        yield at, f"has {size} {what}; it must have {_between(low, high)}"


def _bounds(shape: Any) -> tuple[float | None, float | None]:
    found = shape.metadata
    return found.get("min"), found.get("max")


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    if high is None:
        return f"at least {low:g}"
    return f"between {low:g} and {high:g}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None: it is written in a dialect that Python does not have (possessive classes of Java)."""
    try:
        return re.compile(pattern, re.DOTALL if "\\s\\S" in pattern else 0)
    except re.error:
        return None
