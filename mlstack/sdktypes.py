"""What the classes of a Pulumi SDK say of their inputs: names, types, what is required, what is fixed.

Every Pulumi SDK for Python is generated in one form: a resource class has an ``Args`` class beside it, whose
properties carry their wire names and types. From these alone a value is judged: unknown keys, wrong types,
values that an enum does not have, what is missing. Names are the SDK's own (snake_case) or the wire's
(camelCase).
"""

from __future__ import annotations

import enum
import importlib
import inspect
import sys
import typing
from collections import abc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import pulumi
from pulumi import _types

from mlstack.suggest import hint, suggest

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Property:
    """An input: its snake_case name, its name on the wire, and the alternatives that its type has.

    ``types`` are plain: classes of inputs, enums, ``str bool int float``, ``Any``, and generic mappings and
    sequences; what is optional, awaitable or an Output is not said. ``constant`` is a value that the class
    sets itself, whatever it is given: the discriminator of a union.
    """

    name: str
    wire: str
    types: tuple[Any, ...]
    required: bool
    constant: Any = None


@dataclass(frozen=True)
class Mismatch:
    """A value that the SDK's types do not allow. ``suggestion`` is the nearest word that they do; ``remedy``
    says it in words, and where none is near, the words that there are."""

    path: Path
    message: str
    suggestion: str | None = None
    known: tuple[str, ...] = ()

    @property
    def remedy(self) -> str | None:
        if self.suggestion:
            return f"did you mean {self.suggestion!r}?"
        return hint(str(self.path[-1]), self.known, said="it has") if self.known else None


def module_of(token: str) -> ModuleType | None:
    """The module that has what a token names ("azure-native:storage:StorageAccount"); None where no SDK has
    one.

    A token's module may say more than there are modules, a version or a file: the first that has the name is
    meant, else the last that there is. Of one that is a domain (``networking.k8s.io``) the first word is.
    """
    package, module, name = token.split(":")
    first, *further = (step.partition(".")[0].replace("-", "_") for step in module.split("/"))
    dotted = f"pulumi_{package.replace('-', '_')}" + (f".{first}" if first != "index" else "")
    found = None
    try:
        found = importlib.import_module(dotted)
        for step in further:
            if hasattr(found, name):
                break
            dotted += f".{step}"
            found = importlib.import_module(dotted)
    except ModuleNotFoundError:
        pass  # what was found before it
    return found


def resource_class(token: str) -> type[pulumi.CustomResource] | None:
    """The class of a type token ("azure-native:storage:StorageAccount"); None where no SDK has one."""
    cls = getattr(module_of(token), token.rpartition(":")[2], None)
    return cls if inspect.isclass(cls) and issubclass(cls, pulumi.CustomResource) else None


def args_class(cls: type[pulumi.Resource]) -> type | None:
    """The class that holds a resource's inputs. Where the usual name was taken, it ends in InitArgs."""
    module = sys.modules[cls.__module__]
    for name in (f"{cls.__name__}InitArgs", f"{cls.__name__}Args"):
        if name in getattr(module, "__all__", ()):
            found: type = getattr(module, name)
            return found
    return None


@cache
def shape(args: type) -> Mapping[str, Property]:
    """The inputs of an ``Args`` class by their snake_case names, in the SDK's order."""
    signature = inspect.signature(vars(args)["__init__"]).parameters
    constants = _constants(args, signature)
    names = _names(args)
    found = {}
    for name, wire in _types.input_type_py_to_pulumi_names(args).items():
        # names of its own for the local ones, or a forward reference that another module has under the same
        # name ("SkuArgs") and typing has shared would answer with that module's class
        hint = typing.get_type_hints(getattr(args, name).fget, names, {}).get("return")
        parameter = signature.get(name)
        required = parameter is not None and parameter.default is inspect.Parameter.empty
        found[name] = Property(name, wire, alternatives(hint), required, constants.get(name))
    return found


@cache
def wire_shape(args: type) -> Mapping[str, Property]:
    """The same by the names on the wire."""
    return {each.wire: each for each in shape(args).values()}


def is_args(of: Any) -> bool:
    """Whether a type is a class of inputs, whose values are objects with keys of their own."""
    return inspect.isclass(of) and bool(_types.is_input_type(of))


def items(of: Any) -> tuple[Any, ...] | None:
    """The alternatives of what a mapping or a sequence holds; None for any other type."""
    origin = typing.get_origin(of)
    if origin in (abc.Mapping, dict, abc.Sequence, list):
        return tuple(dict.fromkeys(_flat(typing.get_args(of)[-1])))
    return None


def is_mapping(of: Any) -> bool:
    return typing.get_origin(of) in (abc.Mapping, dict)


def arm(value: Mapping[str, Any], types: tuple[Any, ...], *, wire: bool = False) -> type | None:
    """The class of inputs among the alternatives that an object is meant for, by discriminator.

    Where no discriminator tells, the one that knows most of the object's keys; None where there is none.
    """
    arms = [each for each in types if is_args(each)]
    for each in arms:
        fixed = {key: p.constant for key, p in _shape(each, wire).items() if p.constant is not None}
        if fixed and any(value.get(key) == constant for key, constant in fixed.items()):
            return typing.cast("type", each)
    return max(arms, key=lambda each: len(value.keys() & _shape(each, wire).keys()), default=None)


def mismatches(
    value: Any,
    types: tuple[Any, ...],
    *,
    wire: bool = False,
    complete: bool = False,
    ignored: Callable[[Any], bool] = lambda _value: False,
    path: Path = (),
) -> Iterator[Mismatch]:
    """What of a plain value the alternatives of its type do not allow.

    ``wire``: keys are the wire's names. ``complete``: what is required must be there. What ``ignored``
    says of a value (it is unknown, an asset, an Output) is believed. None is allowed everywhere.
    """
    if value is None or ignored(value) or not types or Any in types or object in types:
        return
    words = [each for each in types if inspect.isclass(each) and issubclass(each, enum.Enum)]
    if words:  # an enum beside the bare type that its values have is meant as one
        types = tuple(each for each in types if each not in (str, int, float))
    known: dict[str, Any] = {"wire": wire, "complete": complete, "ignored": ignored}
    if isinstance(value, Mapping):
        if cls := arm(value, types, wire=wire):
            yield from _object(value, cls, path, known)
        elif held := next((items(each) for each in types if is_mapping(each)), None):
            for key, item in value.items():
                yield from mismatches(item, held, path=(*path, key), **known)
        elif not any(is_mapping(each) for each in types):
            yield Mismatch(path, f"expected {_said(types)}, not a mapping")
    elif isinstance(value, list | tuple):
        sequences = [each for each in types if items(each) is not None and not is_mapping(each)]
        if not sequences:
            yield Mismatch(path, f"expected {_said(types)}, not a list")
        for index, item in enumerate(value if sequences else ()):
            yield from mismatches(item, items(sequences[0]) or (), path=(*path, index), **known)
    elif not any(_fits(value, each) for each in types):
        allowed = [str(member.value) for word in words for member in word]
        lower = {each.lower(): each for each in allowed}
        near = lower.get(suggest(str(value), lower) or "")
        yield Mismatch(path, f"expected {_said(types)}, not {value!r}", near)


def unknown_key(path: Path, cls: type, shaped: Mapping[str, Property]) -> Mismatch:
    """The last key of a path, which a class of inputs does not have."""
    key = str(path[-1])
    return Mismatch(path, f"{cls.__name__} has no {key!r}", suggest(key, shaped), tuple(shaped))


def _object(value: Mapping[str, Any], cls: type, path: Path, known: dict[str, Any]) -> Iterator[Mismatch]:
    shaped = _shape(cls, known["wire"])
    for key, item in value.items():
        if key not in shaped:
            yield unknown_key((*path, key), cls, shaped)
            continue
        constant = shaped[key].constant
        if constant is not None and isinstance(item, str) and item != constant:
            yield Mismatch((*path, key), f"{cls.__name__} has {constant!r} here, not {item!r}", str(constant))
        else:
            yield from mismatches(item, shaped[key].types, path=(*path, key), **known)
    if known["complete"]:
        for key, each in shaped.items():
            if each.required and value.get(key) is None:
                yield Mismatch((*path, key), f"{cls.__name__} needs {key!r}")


def _shape(args: type, wire: bool) -> Mapping[str, Property]:
    return wire_shape(args) if wire else shape(args)


def _fits(value: Any, of: Any) -> bool:
    if inspect.isclass(of) and issubclass(of, enum.Enum):
        return value in [member.value for member in of]
    if of in (pulumi.Asset, pulumi.Archive):
        return isinstance(value, of)
    if isinstance(value, bool) or of is bool:
        return isinstance(value, bool) and of is bool
    if of is float:
        return isinstance(value, int | float)
    if of is int:
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return of is str and isinstance(value, str)


def alternatives(hint: Any) -> tuple[Any, ...]:
    """The plain alternatives of a type hint, as in `Property`."""
    return tuple(dict.fromkeys(_flat(hint)))


def _said(types: tuple[Any, ...]) -> str:
    """The alternatives in words."""
    words = []
    for each in types:
        if inspect.isclass(each) and issubclass(each, enum.Enum):
            values = [str(member.value) for member in each]
            words.append("one of " + ", ".join(values[:12]) + (", …" if len(values) > 12 else ""))
        elif is_args(each):
            words.append(f"a mapping ({each.__name__})")
        elif items(each) is not None:
            words.append("a mapping" if is_mapping(each) else "a list")
        else:
            plain = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
            words.append(plain.get(each, getattr(each, "__name__", str(each))))
    return " or ".join(dict.fromkeys(words))


def _flat(hint: Any) -> Iterator[Any]:
    """A type hint's plain alternatives: without None, Output, Awaitable, and the typed dicts that double
    each class of inputs."""
    origin = typing.get_origin(hint)
    if origin is typing.Union:
        for argument in typing.get_args(hint):
            yield from _flat(argument)
    elif origin in (pulumi.Output, abc.Awaitable):
        yield from _flat(typing.get_args(hint)[0])
    elif hint is not type(None) and not isinstance(hint, typing.TypeVar) and not typing.is_typeddict(hint):
        yield hint


def _names(args: type) -> dict[str, Any]:
    """What the type hints of a class may name: its module and the package's inputs."""
    module = sys.modules[args.__module__]
    inputs = sys.modules.get(f"{module.__name__.rpartition('.')[0]}._inputs", module)
    return {**vars(inputs), **vars(module), "Output": pulumi.Output, "T": typing.TypeVar("T")}


class _Given:
    """Stands for a value in the making of an object that is only looked at."""


def _constants(args: type, signature: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    """What the class sets itself although it is given something else."""
    required = [name for name, each in signature.items() if each.default is inspect.Parameter.empty]
    given = {name: _Given() for name in required if name != "__self__"}
    made = args(**given)
    return {name: pulumi.get(made, name) for name in given if pulumi.get(made, name) is not given[name]}
