"""Half-built objects: what is left of a spec when its wrong values are taken out.

A loader reports every problem at once, so references are checked in objects too that are wrong in another
place. Nothing here is validated: the result is for `mlstack.graph.problems`, and never leaves the loader.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from mlstack.spec.stack import Stack

Path = tuple[str | int, ...]


def partial(data: Mapping[str, Any], wrong: Collection[Path]) -> Stack:
    """A stack of ``data`` as it stands, with None in each of the ``wrong`` places (paths as in YAML).

    A key whose value is wrong stays, so that a reference to it does not dangle. An object that is wrong
    only as a whole (``min`` above ``max``) is to be no wrong place: its fields are sound.
    """
    built: Stack = _model(Stack, data, frozenset(wrong), ())
    return built


def _model(cls: type[BaseModel], data: Mapping[str, Any], wrong: frozenset[Path], path: Path) -> Any:
    values: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        for key in {field.alias or name, name} & data.keys():
            values[name] = _value(field.annotation, data[key], wrong, (*path, key))
    return cls.model_construct(**values)


def _value(annotation: Any, value: Any, wrong: frozenset[Path], path: Path) -> Any:
    if path in wrong:
        return None
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(args[0], value, wrong, path)
    if isinstance(value, Mapping):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return _model(annotation, value, wrong, path)
        if origin is dict:
            return {key: _value(args[1], item, wrong, (*path, key)) for key, item in value.items()}
    if isinstance(value, list) and origin is list:
        return [_value(args[0], item, wrong, (*path, index)) for index, item in enumerate(value)]
    if origin in (Union, UnionType):
        return _value(_branch(args, value), value, wrong, path)
    return value


def _branch(args: tuple[Any, ...], value: Any) -> Any:
    """The arm of a union that a value of this shape is meant for; None for plain values."""
    for arg in args:
        bare = get_args(arg)[0] if get_origin(arg) is Annotated else arg
        if isinstance(value, list) and get_origin(bare) is list:
            return bare
        if isinstance(value, Mapping) and (
            get_origin(bare) is dict or (isinstance(bare, type) and issubclass(bare, BaseModel))
        ):
            return bare
        if get_origin(bare) in (Union, UnionType) and (inner := _branch(get_args(bare), value)) is not None:
            return inner
    return None
