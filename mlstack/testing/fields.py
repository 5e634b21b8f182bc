"""Every field of the spec, as a path without names of entries: ("endpoints", "deployments", "mirror")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mlstack.spec import KINDS, Stack
from mlstack.spec.references import Ref
from mlstack.spec.text import Deferred

Holder = Literal["object", "map", "list"]


@dataclass(frozen=True)
class Leaf:
    """One way to fill a field that is no object of the spec: its bare type and the marks on it."""

    type: Any
    marks: tuple[Any, ...] = ()

    @property
    def ref(self) -> Ref | None:
        return next((mark for mark in self.marks if isinstance(mark, Ref)), None)


@dataclass(frozen=True)
class SpecField:
    """A field that a user fills. ``owners``: for each object on the way, its class, the key it stands
    under, and how it is held there."""

    path: tuple[str, ...]
    owners: tuple[tuple[str, Holder, type[BaseModel]], ...]
    cls: type[BaseModel]
    name: str
    info: FieldInfo
    leaf: Leaf

    def __str__(self) -> str:
        return ".".join(self.path)

    @property
    def key(self) -> str:
        """Class and field, the same wherever the class is used: "Probe.path"."""
        return f"{self.cls.__name__}.{self.name}"

    @property
    def takes_outputs(self) -> bool:
        """Whether a deferred text may stand here, or within."""
        return _holds_text(self.info.annotation, tuple(self.info.metadata))


def fields(kind: str) -> list[SpecField]:
    """The fields of a kind that hold something themselves, in the order of the spec."""
    return list(_fields(KINDS[kind].cls, (kind,), ()))


#: Fields of the stack itself that are meant for the target.
STACK_FIELDS = ("region", "security", "tags", "policies")


def stack_fields() -> list[SpecField]:
    """The fields of the stack itself that act on a target."""
    found = []
    for name in STACK_FIELDS:
        info = Stack.model_fields[name]
        leaf = next(leaves(info.annotation, tuple(info.metadata)))
        assert isinstance(leaf, Leaf)
        found.append(SpecField((name,), (), Stack, name, info, leaf))
    return found


def _fields(
    cls: type[BaseModel], path: tuple[str, ...], owners: tuple[tuple[str, Holder, type[BaseModel]], ...]
) -> Iterator[SpecField]:
    for name, info in cls.model_fields.items():
        key = info.alias or name
        here = (*path, key)
        seen_leaf = False
        for way in leaves(info.annotation, tuple(info.metadata)):
            if isinstance(way, Leaf):
                if not seen_leaf:
                    yield SpecField(here, owners, cls, name, info, way)
                seen_leaf = True
            else:
                holder, inner = way
                yield from _fields(inner, here, (*owners, (key, holder, inner)))


def leaves(annotation: Any, marks: tuple[Any, ...] = ()) -> Iterator[Leaf | tuple[Holder, type[BaseModel]]]:
    """The ways to fill a field: as a leaf, or as objects of the spec that are held in it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    ref = next((mark for mark in marks if isinstance(mark, Ref)), None)
    if ref is not None:
        yield Leaf(annotation, marks)
        if ref.or_else is not None:
            yield "object", ref.or_else
    elif origin is Annotated:
        yield from leaves(arguments[0], arguments[1:])
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from leaves(argument, marks)
    elif annotation in (NoneType, None):
        return
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "object", annotation
    elif origin in (dict, list):
        inner = list(leaves(arguments[-1]))
        if any(isinstance(way, Leaf) for way in inner):
            yield Leaf(annotation, marks)
        for way in inner:
            if not isinstance(way, Leaf):
                yield ("map" if origin is dict else "list"), way[1]
    else:
        yield Leaf(annotation, marks)


def _holds_text(annotation: Any, marks: tuple[Any, ...]) -> bool:
    if any(isinstance(mark, Ref) for mark in marks):
        return False
    if annotation is Deferred:
        return True
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _holds_text(arguments[0], arguments[1:])
    return any(_holds_text(argument, ()) for argument in arguments)
