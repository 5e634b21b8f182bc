"""From pulumi-aws's properties to botocore's parameters and back, by the two libraries' own descriptions.

pulumi-aws writes AWS's own names in camelCase, so nearly all of it is a matter of letters. What it calls by
another name stands in an adapter's ``names``; a list of at most one is a structure on the other side.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any

from mlstack.resource import UNKNOWN
from mlstack.sdktypes import args_class, is_args, is_mapping, items, resource_class, wire_shape
from mlstack_aws.rehearsal import wire

Names = Mapping[str, str]


@cache
def parameters_of(service: str, operation: str) -> Any:
    return wire.model(service).operation_model(operation).input_shape


@cache
def answer_of(service: str, operation: str) -> Any:
    return wire.model(service).operation_model(operation).output_shape


def forward(shape: Any, value: Any, names: Names) -> Any:
    """Parameters of a shape. Keys that it does not have are left out: they are the adapter's business."""
    if value is UNKNOWN or value is None:
        return value
    kind = shape.type_name
    if kind == "structure":
        if isinstance(value, (list, tuple)):
            value = value[0] if value else {}
        if not isinstance(value, Mapping):
            return value
        found = {}
        for key, one in value.items():
            member = _member(shape, key, names)
            if member is not None and one is not None:
                found[member] = forward(shape.members[member], one, names)
        return found
    if kind == "list":
        return [
            forward(shape.member, one, names)
            for one in (value if isinstance(value, (list, tuple)) else [value])
        ]
    if kind == "map" and isinstance(value, Mapping):
        return {key: forward(shape.value, one, names) for key, one in value.items()}
    if kind in ("integer", "long") and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return int(float(value))
    if kind in ("float", "double") and isinstance(value, str):
        return float(value)
    if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:g}"
    return value


def back(token: str, shape: Any, value: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Properties of a type that an answer tells of."""
    cls = resource_class(token)
    args = args_class(cls) if cls is not None else None
    return _back(args, shape, value, names) if args is not None else {}


def _back(args: type, shape: Any, value: Mapping[str, Any], names: Names) -> dict[str, Any]:
    found = {}
    for key, prop in wire_shape(args).items():
        member = _member(shape, key, names)
        one = value.get(member) if member is not None else None
        if member is None or one is None or one == [] or one == {}:
            continue
        found[key] = _value(prop.types, shape.members[member], one, names)
    return found


def _value(types: tuple[Any, ...], shape: Any, value: Any, names: Names) -> Any:
    lists = next((items(one) for one in types if items(one) is not None and not is_mapping(one)), None)
    if lists is not None:
        if shape.type_name != "list":
            return [_value(lists, shape, value, names)]
        return [_value(lists, shape.member, one, names) for one in value]
    if shape.type_name == "list" and isinstance(value, list) and any(is_args(one) for one in types):
        return _value(types, shape.member, value[0], names)  # at most one, and told without its list
    if shape.type_name == "structure":
        args = next((one for one in types if is_args(one)), None)
        return _back(args, shape, value, names) if args is not None else value
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str) and types and all(one in (int, float) for one in types):
        return float(value)
    return value


def _member(shape: Any, key: str, names: Names) -> str | None:
    members = _members(shape)
    # another word for one member may be that of another further inside ("name")
    return members.get(names.get(key, key).lower()) or members.get(key.lower())


def _members(shape: Any) -> dict[str, str]:
    return {name.lower(): name for name in shape.members}


def tags_list(tags: Mapping[str, Any] | None, key: str = "Key", value: str = "Value") -> list[dict[str, Any]]:
    return [{key: name, value: text} for name, text in (tags or {}).items()]


def tags_map(tags: Any) -> dict[str, str]:
    """Either form that AWS tells tags in."""
    if isinstance(tags, Mapping):
        return dict(tags)
    found: dict[str, str] = {}
    for one in tags or ():
        lowered = {key.lower(): value for key, value in one.items()}
        name = lowered.get("key") or lowered.get("tagkey")
        found[str(name)] = str(lowered.get("value", lowered.get("tagvalue", "")))
    return found
