"""Texts: names, variables, and values that may come from elsewhere.

A ``Text`` is a string, or a value that is known only later: anything with a callable ``apply`` (as a Pulumi
Output has). Such a value is kept as it is and never looked into, so that this layer needs no Pulumi.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any, Protocol, TypeAlias, TypeGuard

from pydantic import AfterValidator, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import core_schema

from mlstack.spec.faults import fault, shown

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
PARAMETER = re.compile(r"[a-z][a-z0-9_-]{0,30}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Word:
    """What a type is called where fields are explained; other marks have an attribute ``word`` too."""

    word: str


class Deferred(Protocol):
    """A value that is known only when the program runs, such as a ``pulumi.Output[str]``."""

    @property
    def apply(self) -> Callable[..., Any]: ...


def is_deferred(value: object) -> TypeGuard[Deferred]:
    """Whether the value is known only later. Types do not count, and plain text never is."""
    return not isinstance(value, type | str) and callable(getattr(value, "apply", None))


class _TextSchema:
    """Takes a string or a deferred value, keeps either as it is."""

    word = "text"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _check_text,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(_dump_text, info_arg=True),
        )


def _check_text(value: Any) -> Any:
    if isinstance(value, str) or is_deferred(value):
        return value
    if isinstance(value, bool):
        remedy = 'put it in quotes: "true" or "false"'
    elif isinstance(value, int | float):
        remedy = f'put it in quotes: "{value}"'
    else:
        remedy = "write a string"
    raise fault("not-text", f"{shown(value)} is no text", remedy)


def _dump_text(value: Any, info: core_schema.SerializationInfo[Any]) -> Any:
    if info.mode == "json" and not isinstance(value, str):
        raise ValueError("a value that is known only when the program runs cannot be written as JSON")
    return value


Text: TypeAlias = Annotated[str | Deferred, _TextSchema()]
"""A string, or a value that is known only when the program runs. JSON Schema: string."""


class _ScalarSchema:
    """Takes a number, true or false, a string or a deferred value, keeps each as it is."""

    word = "number, true or false, or text"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        kinds = [core_schema.bool_schema(), core_schema.float_schema(), core_schema.str_schema()]
        return core_schema.no_info_plain_validator_function(
            _check_scalar,
            json_schema_input_schema=core_schema.union_schema(list(kinds)),
            serialization=core_schema.plain_serializer_function_ser_schema(_dump_scalar, info_arg=True),
        )


def _check_scalar(value: Any) -> Any:
    if isinstance(value, bool | int | str) or is_deferred(value):
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    raise fault("not-scalar", f"{shown(value)} is no literal", "write a number, true or false, or a text")


def _dump_scalar(value: Any, info: core_schema.SerializationInfo[Any]) -> Any:
    return value if isinstance(value, bool | int | float) else _dump_text(value, info)


Scalar: TypeAlias = Annotated[bool | int | float | str | Deferred, _ScalarSchema()]
"""A literal: a number, true or false, or a text."""


def _check_name(value: str) -> str:
    if NAME.fullmatch(value):
        return value
    better = re.sub(r"[^a-z0-9]+", "-", value.lower()).lstrip("-0123456789")[:31].strip("-")
    hint = f"; {better!r} would do" if better else ""
    raise fault(
        "bad-name",
        f"{shown(value)} is no name",
        "a name begins with a small letter and has small letters, digits and '-', 31 characters at "
        f"most{hint}",
    )


def _check_parameter(value: str) -> str:
    if PARAMETER.fullmatch(value):
        return value
    raise fault(
        "bad-name",
        f"{shown(value)} is no name of an input or output",
        "it begins with a small letter and has small letters, digits, '_' and '-', 31 characters at most",
    )


def _check_variable(value: str) -> str:
    if VARIABLE.fullmatch(value):
        return value
    raise fault(
        "bad-variable",
        f"{shown(value)} is no name of an environment variable",
        "use letters, digits and '_', and no digit first, such as LOG_LEVEL",
    )


Name: TypeAlias = Annotated[
    str,
    AfterValidator(_check_name),
    Word("name"),
    WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"}),
]
"""The name of anything in a spec: it becomes part of cloud resources' names, so the rule is theirs."""

Parameter: TypeAlias = Annotated[
    str,
    AfterValidator(_check_parameter),
    Word("name"),
    WithJsonSchema({"type": "string", "pattern": f"^{PARAMETER.pattern}$"}),
]
"""The name of a job's input or output: as a name, and '_' is allowed."""

Variable: TypeAlias = Annotated[
    str,
    AfterValidator(_check_variable),
    Word("variable"),
    WithJsonSchema({"type": "string", "pattern": f"^{VARIABLE.pattern}$"}),
]
"""The name of an environment variable."""
