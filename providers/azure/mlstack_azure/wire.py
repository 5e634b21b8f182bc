"""Typed inputs of the Pulumi SDK as the body that the platform's REST interface takes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from mlstack.sdktypes import is_args, shape


def body(value: Any) -> Any:
    """Plain dictionaries and lists with the wire's names; Outputs stay where they are, None is left out."""
    cls: Any = type(value)
    if is_args(cls):
        held = {each.wire: vars(value).get(name, each.constant) for name, each in shape(cls).items()}
        return {key: body(each) for key, each in held.items() if each is not None}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: body(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [body(each) for each in value]
    return value
