"""What the models allow at a path: the keys that may stand there, read off the annotations."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from mlstack.spec.source import Step


def keys_at(model: type[BaseModel], path: Sequence[Step]) -> list[str]:
    """The keys that the mapping at ``path`` may have, in the order of the models; [] for free ones."""
    found: list[Any] = [model]
    for step in path:
        found = [below for annotation in found for below in _below(annotation, step)]
    return list(dict.fromkeys(key for annotation in found for key in _keys(annotation)))


def _below(annotation: Any, step: Step) -> Iterator[Any]:
    for option in options(annotation):
        origin, arguments = get_origin(option), get_args(option)
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                if step == (field.alias or name):
                    yield field.annotation
        elif isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
            yield arguments[1]
        elif origin in (list, tuple, set, Sequence) and arguments:
            yield arguments[0]


def _keys(annotation: Any) -> Iterator[str]:
    for option in options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                yield field.alias or name


def options(annotation: Any) -> Iterator[Any]:
    """The members of a union, without ``Annotated``, type aliases and ``None`` around them."""
    if hasattr(annotation, "__value__"):  # `type X = …`, of Python 3.12 or of typing_extensions
        yield from options(annotation.__value__)
    elif get_origin(annotation) is Annotated:
        yield from options(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from options(option)
    elif annotation is not type(None):
        yield annotation
