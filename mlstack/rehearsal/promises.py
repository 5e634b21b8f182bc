"""Outputs of a preview: what the SDK's output types have beyond the promise is unknown until the apply.

An output that is missing at the top is unknown to the engine by itself; a nested one would be None in the
program, which takes it for a value.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi import _types

from mlstack.resource import UNKNOWN
from mlstack.sdktypes import is_mapping, resource_class


def completed(token: str, promised: Mapping[str, Any]) -> dict[str, Any]:
    """The promise with `UNKNOWN` for each nested output that it leaves open."""
    cls = resource_class(token)
    types = _types.resource_types(cls) if cls is not None else {}
    return {key: _filled(value, types.get(key)) for key, value in promised.items()}


def _filled(value: Any, of: Any) -> Any:
    output = next((each for each in _flat(of) if inspect.isclass(each) and _types.is_output_type(each)), None)
    if isinstance(value, Mapping) and output is not None:
        types = _types.output_type_types(output)
        known = {key: _filled(item, types.get(key)) for key, item in value.items()}
        return dict.fromkeys(types, UNKNOWN) | known
    container = next((each for each in _flat(of) if typing.get_args(each)), None)
    items = typing.get_args(container)[-1] if container is not None else None
    if (
        isinstance(value, list | Mapping)
        and items is not None
        and isinstance(value, list) == is_mapping(container)
    ):
        return UNKNOWN  # one shape goes in and another comes out (ids of identities, and what they are)
    if isinstance(value, list):
        return [_filled(item, items) for item in value]
    if isinstance(value, Mapping):
        return {key: _filled(item, items) for key, item in value.items()}
    return value


def _flat(hint: Any) -> Iterator[Any]:
    origin = typing.get_origin(hint)
    if origin is typing.Union:
        for argument in typing.get_args(hint):
            yield from _flat(argument)
    elif origin is pulumi.Output:
        yield from _flat(typing.get_args(hint)[0])
    elif hint is not None and hint is not type(None):
        yield hint
