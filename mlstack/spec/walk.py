"""Finding every reference in a piece of the spec, by the marks on its fields.

Works on half-built objects too (see partial.py): what is lacking or of the wrong sort is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mlstack.spec.placeholders import Holds
from mlstack.spec.references import Ref

Path = tuple[str | int, ...]
Mark = Ref | Holds


class Found(NamedTuple):
    """A text under a marked field; ``path`` is where it is, as written in YAML."""

    path: Path
    mark: Mark
    text: str


def found(value: Any, path: Path = ()) -> Iterator[Found]:
    """All marked texts below ``value``, in the order of the fields."""
    yield from _walk(value, None, path)


def _walk(value: Any, mark: Mark | None, path: Path) -> Iterator[Found]:
    if isinstance(value, BaseModel):
        for name, key, inner in _fields(type(value)):
            yield from _walk(getattr(value, name, None), inner, (*path, key))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, mark, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, mark, (*path, index))
    elif isinstance(value, str) and mark is not None:
        yield Found(path, mark, value)


@cache
def _fields(cls: type[BaseModel]) -> tuple[tuple[str, str, Mark | None], ...]:
    """Name, key in YAML and mark of each field that may hold a reference."""
    return tuple(
        (name, field.alias or name, mark)
        for name, field in cls.model_fields.items()
        if (mark := mark_of(field)) is not None or _has_model(field.annotation)
    )


def _has_model(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(map(_has_model, get_args(annotation)))


def mark_of(field: FieldInfo) -> Mark | None:
    """The mark of a field, wherever in its annotation it is; a field has one at most."""
    for data in field.metadata:
        if isinstance(data, Mark):
            return data
    return _mark_in(field.annotation)


def _mark_in(annotation: Any) -> Mark | None:
    args: tuple[Any, ...] = get_args(annotation)
    if get_origin(annotation) is Annotated:
        for data in args[1:]:
            if isinstance(data, Mark):
                return data
        args = args[:1]
    return next((mark for arg in args if (mark := _mark_in(arg)) is not None), None)
