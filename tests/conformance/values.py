"""Hypothesis strategies for the values of a field of the spec, by its type.

What the classes of the spec refuse is filtered out by whoever draws; only types are looked at here.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from hypothesis import strategies as st

from mlstack.spec import Duration, Gpu, Memory, Money
from mlstack.spec.references import Ref
from mlstack.spec.text import Deferred
from mlstack.testing.fields import SpecField
from mlstack.testing.sample import VALUES

_TEXT = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_. äß'\"$", min_size=1, max_size=12).filter(
    lambda text: text.strip() == text
)
_KEYS = st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True)
_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    Duration: st.integers(1, 10**7).map(lambda ms: f"{ms}ms"),
    Memory: st.one_of(st.integers(1, 512), st.integers(1, 9999).map(lambda size: f"{size}Mi")),
    Money: st.tuples(st.integers(1, 9999), st.sampled_from(["USD", "EUR"])).map(
        lambda it: f"{it[0]} {it[1]}"
    ),
    Gpu: st.tuples(st.sampled_from(["t4", "l4", "a100-80"]), st.integers(1, 8)).map(
        lambda it: f"{it[0]}:{it[1]}"
    ),
    int: st.integers(0, 100),
    float: st.floats(0, 1, exclude_min=True, allow_nan=False).map(lambda number: round(number, 6) or 0.5),
    str: _TEXT,
    Deferred: _TEXT,
    Any: st.one_of(_TEXT, st.integers(0, 99)),
}


def values(field: SpecField) -> st.SearchStrategy[Any] | None:
    """Values for a field; None where only few make sense: a file that has to be there, a reference, one of
    a few words. The conformance suite tries those one by one."""
    if field.key in VALUES or field.name == "native":
        return None
    return None if field.leaf.ref else _of(field.leaf.type)


def _of(annotation: Any) -> st.SearchStrategy[Any] | None:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return None if any(isinstance(mark, Ref) for mark in arguments[1:]) else _of(arguments[0])
    if origin is list:
        inner = _of(arguments[0])
        return None if inner is None else st.lists(inner, min_size=1, max_size=3, unique=True)
    if origin is dict:
        inner = _of(arguments[1])
        return None if inner is None else st.dictionaries(_KEYS, inner, min_size=1, max_size=3)
    if origin is not None:
        ways = [way for argument in arguments if (way := _of(argument)) is not None]
        return st.one_of(ways) if ways else None
    return _LEAVES.get(annotation)
