"""How a Pulumi SDK calls in Python what the wire calls by token and path."""

from __future__ import annotations

import inspect
import typing
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pulumi
from pulumi import _types

from mlstack.eject.layout import quoted
from mlstack.sdktypes import alternatives, is_mapping, items, module_of

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Function:
    """A function of an SDK in its form for Outputs; ``result`` is the class of what it answers."""

    module: ModuleType
    name: str
    parameters: dict[str, str]
    result: Any


def function(token: str) -> Function | None:
    """The function of a token ("azure-native:machinelearningservices:listWorkspaceKeys")."""
    module = module_of(token)
    wanted = _bare(token.rpartition(":")[2]) + "output"
    for name in dir(module) if module is not None else ():
        found = getattr(module, name)
        if _bare(name) == wanted and inspect.isfunction(found) and module is not None:
            parameters = {_bare(each): each for each in inspect.signature(found).parameters}
            returned = typing.get_args(found.__annotations__.get("return")) or (None,)
            return Function(module, name, parameters, returned[0])
    return None


def parameter(function: Function, wire: str) -> str | None:
    """The function's word for an argument ("resourceGroupName")."""
    return function.parameters.get(_bare(wire))


def accessor(cls: Any, path: Path) -> str | None:
    """What follows a resource, or an answer, to reach an output of it (".properties.scoring_uri"); None
    where the SDK does not have it."""
    written, types = "", (cls,)
    for key in path:
        step = _step(types, key)
        if step is None:
            return None
        written, types = written + step[0], step[1]
    return written


def _step(types: tuple[Any, ...], key: str | int) -> tuple[str, tuple[Any, ...]] | None:
    for each in types:
        if inspect.isclass(each) and key == "id" and issubclass(each, pulumi.CustomResource):
            return ".id", (str,)
        held = _properties(each)
        if key in held:
            name, of = held[key]
            return f".{name}", alternatives(of)
    held_items = next((found for each in types if (found := items(each)) is not None), None)
    if held_items is not None or Any in types or dict in types:
        within = any(is_mapping(each) for each in types) or isinstance(key, int) or held_items is None
        return (f"[{key if isinstance(key, int) else quoted(key)}]", held_items or (Any,)) if within else None
    return None


def _properties(cls: Any) -> dict[str, tuple[str, Any]]:
    """The outputs of a class: the wire's name to the attribute and its type."""
    if not inspect.isclass(cls):
        return {}
    if issubclass(cls, pulumi.Resource):
        types = _types.resource_types(cls)
    elif _types.is_output_type(cls):
        types = _types.output_type_types(cls)
    else:
        return {}
    found = {}
    for name, value in vars(cls).items():
        wire = getattr(getattr(value, "fget", None), "_pulumi_name", name)
        if isinstance(value, property) and wire in types:
            found[wire] = name, types[wire]
    return found


def _bare(name: str) -> str:
    return name.replace("_", "").lower()
