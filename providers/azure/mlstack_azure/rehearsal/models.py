"""The second net: bodies of Azure ML against the models of its own client, where azure-ai-ml is installed.

azure-ai-ml is no dependency of a user's installation. Without it this net is off, and `state` says so.
"""

from __future__ import annotations

import enum
import importlib
import importlib.util
import inspect
import logging
import sys
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any

from mlstack.rehearsal import Refusal
from mlstack.resource import UNKNOWN
from mlstack.suggest import suggest
from mlstack_azure.rehearsal import bodies
from mlstack_azure.rehearsal.ids import Type

_ALONE = "_mlstack_azure_arm_ml_service"
SOURCE = "azure-ai-ml's models of the REST interface, azure/ai/ml/_restclient/arm_ml_service"
_log = logging.getLogger(__name__)

#: Types whose body has another class than their own name.
_NAMES = {"WorkspaceConnection": "WorkspaceConnectionPropertiesV2BasicResource",
          "ManagedNetworkSettingsRule": "OutboundRuleBasicResource", "Job": "JobBase",
          "Compute": "ComputeResource"}  # fmt: skip


@cache
def _models() -> ModuleType | None:
    """The package's models alone: importing all of azure-ai-ml takes seconds, and warns on the way."""
    try:
        package = importlib.util.find_spec("azure.ai")
    except ImportError:
        package = None
    for place in (package.submodule_search_locations or []) if package else []:
        folder = Path(place) / "ml" / "_restclient" / "arm_ml_service"
        if (folder / "models").is_dir():
            alone = ModuleType(_ALONE)
            alone.__path__ = [str(folder)]
            sys.modules[_ALONE] = alone
            return importlib.import_module(f"{_ALONE}.models")
    _log.warning("%s", state_text(False))
    return None


def state_text(on: bool) -> str:
    if on:
        return f"bodies of Azure ML are checked against {SOURCE}"
    return "azure-ai-ml is not installed: bodies are not checked against its models"


def state() -> str:
    """Whether this net is on, in words."""
    return state_text(_models() is not None)


def judge(type: Type, inputs: Mapping[str, Any]) -> Iterator[Refusal]:
    """Keys that the platform's client does not know, and values that are none of its enums."""
    module, _, name = type.kind.partition(":")
    if module != "machinelearningservices" or (models := _models()) is None:
        return
    cls = getattr(models, _NAMES.get(name, name), None)
    if cls is None:
        return
    whole = "properties" in inputs
    for path, message in _walk(models, cls, bodies.to_body(type, inputs), ""):
        yield Refusal(path if whole else path.removeprefix("properties."), message, SOURCE)


def _fields(cls: type) -> dict[str, tuple[Any, str]]:
    """Name on the wire -> (annotation, class that has it)."""
    found: dict[str, tuple[Any, str]] = {}
    for base in reversed(cls.__mro__):
        notes = inspect.get_annotations(base)
        for name, value in vars(base).items():
            if value.__class__.__name__ == "_RestField":
                found[getattr(value, "_rest_name_input", None) or name] = (notes.get(name), base.__name__)
    return found


def _resolved(models: ModuleType, note: Any) -> Any:
    if not isinstance(note, str):
        return note
    space = {
        **vars(typing),
        **vars(models),
        "_models": models,
        "datetime": importlib.import_module("datetime"),
    }
    try:
        return eval(note, space)  # noqa: S307 - annotations of an installed package
    except NameError:
        return Any


def _subclass(cls: type, value: Mapping[str, Any]) -> type | None:
    """The class that the discriminator asks for; the class itself where there is none."""
    mapping = getattr(cls, "__mapping__", None)
    if not mapping or cls.__mro__[1].__name__ != "Model":
        return cls
    for name, (_, _) in _fields(cls).items():
        if isinstance(value.get(name), str) and value[name] in mapping:
            found: type = mapping[value[name]]
            return _subclass(found, value) if found is not cls else found
    return None


def _walk(models: ModuleType, cls: type, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return
    chosen = _subclass(cls, value)
    if chosen is None:
        return  # what the discriminator may be is a rule's or the SDK's business
    fields = _fields(chosen)
    for key, one in value.items():
        where = f"{path}.{key}" if path else key
        if key not in fields:
            near = suggest(key, fields)
            hint = f"; did you mean {near!r}?" if near else ""
            yield where, f"{chosen.__name__} has no property {key!r}{hint}"
        elif one is not UNKNOWN and one is not None:
            yield from _value(models, _resolved(models, fields[key][0]), one, where)


def _value(models: ModuleType, note: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    origin, arguments = typing.get_origin(note), typing.get_args(note)
    if isinstance(note, (str, typing.ForwardRef)):
        name = note if isinstance(note, str) else note.__forward_arg__
        yield from _value(models, _resolved(models, name), value, path)
    elif origin in (typing.Union, UnionType):
        options = [_resolved(models, one) for one in arguments if one is not type(None)]
        options = [_resolved(models, one.__forward_arg__) if isinstance(one, typing.ForwardRef) else one
                   for one in options]  # fmt: skip
        enums = [one for one in options if isinstance(one, type) and issubclass(one, enum.Enum)]
        if enums and isinstance(value, str):
            allowed = [str(one.value) for one in enums[0]]
            if value.lower() not in [one.lower() for one in allowed]:
                yield path, f"{value!r} is not one of {', '.join(allowed)}"
        elif len(options) == 1:
            yield from _value(models, options[0], value, path)
    elif origin is list and isinstance(value, list):
        for at, one in enumerate(value):
            if one is not UNKNOWN:
                yield from _value(models, arguments[0], one, f"{path}[{at}]")
    elif origin is dict and isinstance(value, Mapping):
        for key, one in value.items():
            if one is not UNKNOWN and one is not None:
                yield from _value(models, arguments[1], one, f"{path}.{key}")
    elif isinstance(note, type) and hasattr(note, "_attr_to_rest_field"):
        yield from _walk(models, note, value, path)
    elif note in (int, float, bool, str) and _wrong(note, value):
        yield path, f"{value!r} is no {note.__name__}"


def _wrong(note: Any, value: Any) -> bool:
    if note is bool or isinstance(value, bool):
        return (note is bool) != isinstance(value, bool)
    if note is str:
        return not isinstance(value, str)
    return not isinstance(value, (int, float))
