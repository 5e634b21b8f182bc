"""The spec's own reference, from the descriptions of the classes.

Paths are as in YAML without the names that users choose: ``endpoints.deployments.replicas.min``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mlstack.errors import UsageError
from mlstack.spec.kinds import KINDS
from mlstack.spec.references import Ref
from mlstack.spec.stack import Stack
from mlstack.suggest import suggest


@dataclass(frozen=True)
class FieldDoc:
    """One field. ``default`` is None where it is required, or where nothing stands for it when left out."""

    path: str
    type: str
    description: str
    default: str | None
    required: bool

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Explanation(FieldDoc):
    """A field with what is below it; ``about`` says what the objects there are."""

    about: str
    children: list[FieldDoc]


def explain(path: str = "") -> Explanation:
    """The field at ``path``, "" for the whole spec; raises `UsageError` where there is none.

    The word for one of a kind is taken for the kind: ``endpoint.auth`` is ``endpoints.auth``.
    """
    model: type[BaseModel] | None = Stack
    doc = FieldDoc("", "map", "A whole spec.", None, True)
    for step in _steps(path):
        fields = dict(_fields(model)) if model else {}
        if step not in fields:
            raise _unknown(doc.path, step, list(fields))
        doc = _doc(_join(doc.path, step), fields[step])
        model = _model_in(fields[step])
    children = [_doc(_join(doc.path, key), field) for key, field in _fields(model)] if model else []
    about = " ".join((model.__doc__ or "").split("\n\n")[0].split()) if model else ""
    return Explanation(doc.path, doc.type, doc.description, doc.default, doc.required, about, children)


def iter_fields() -> Iterator[FieldDoc]:
    """Every field of the spec once, each before those below it."""
    yield from _below(Stack, "")


def _below(model: type[BaseModel], path: str) -> Iterator[FieldDoc]:
    for key, field in _fields(model):
        here = _join(path, key)
        yield _doc(here, field)
        if inner := _model_in(field):
            yield from _below(inner, here)


def _steps(path: str) -> list[str]:
    steps = path.split(".") if path else []
    plurals = {kind.singular: kind.key for kind in KINDS.values()}
    return [plurals.get(step, step) if index == 0 else step for index, step in enumerate(steps)]


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _unknown(path: str, step: str, known: list[str]) -> UsageError:
    near = suggest(step, known)
    if near:
        remedy = f"did you mean {_join(path, near)!r}?"
    elif deeper := _elsewhere(step):
        remedy = f"did you mean {' or '.join(map(repr, deeper))}?"
    elif known:
        remedy = f"choose one of {', '.join(known)}"
    else:
        remedy = f"there is nothing below {path}"
    where = path or "the spec"
    return UsageError(f"{where} has no field {step!r}", code="unknown-field", remedy=remedy)


def _elsewhere(step: str) -> list[str]:
    """The paths that end in the field of this name, or else in the one nearest to it: three at most."""
    paths: dict[str, list[str]] = {}
    for field in iter_fields():
        paths.setdefault(field.name, []).append(field.path)
    return paths.get(suggest(step, paths) or "", [])[:3]


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _doc(path: str, field: FieldInfo) -> FieldDoc:
    return FieldDoc(
        path,
        _word(field.annotation, field.metadata),
        field.description or "",
        _default(field),
        field.is_required(),
    )


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ({}, []):
        return None
    if isinstance(value, BaseModel):
        dumped = value.model_dump(mode="json", exclude_none=True)
        return ", ".join(f"{key}: {item}" for key, item in dumped.items())
    return str(value) if isinstance(value, str) else json.dumps(value)


def _word(annotation: Any, metadata: Any = ()) -> str:
    """A type in words: "name", "list of text", "map of name to Deployment"."""
    for mark in metadata:
        if isinstance(word := getattr(mark, "word", None), str):
            other = getattr(mark, "or_else", None)
            return f"{word}, or {other.__name__}" if other else word
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _word(args[0], args[1:])
    if origin is Literal:
        return " | ".join(map(str, args))
    if origin in (Union, UnionType):
        return ", or ".join(_word(arg) for arg in args if arg is not NoneType)
    if origin is list:
        return f"list of {_word(args[0])}"
    if origin is dict:
        return f"map of {_word(args[0])} to {_word(args[1])}"
    named = getattr(annotation, "word", None) or getattr(annotation, "__name__", "value")
    return _PLAIN.get(annotation) or str(named)


_PLAIN: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Any: "anything",
}


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    """The class of the objects that a field holds, if it holds any."""
    return _search(Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation)


def _search(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, Ref):
        return annotation.or_else
    return next((model for arg in get_args(annotation) if (model := _search(arg))), None)
