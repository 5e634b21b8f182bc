"""Plain numbers with a range: percentages, fractions, what must be above zero."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from mlstack.spec.faults import fault, shown

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%", re.ASCII)


def _number(value: Any) -> Decimal | None:
    """The value as an exact number, "12%" as twelve; None when it is neither."""
    if isinstance(value, str):
        found = _SHARE.fullmatch(value.strip())
        return Decimal(found[1]) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(repr(value))


def parse_percent(value: Any) -> int:
    """A whole number from 0 to 100, also written "20%"."""
    number = _number(value)
    if number is not None and number.is_finite() and 0 <= number <= 100 and number == int(number):
        return int(number)
    raise fault("bad-percentage", f"{shown(value)} is no percentage", "write a whole number from 0 to 100")


def parse_fraction(value: Any) -> float:
    """A number from 0 to 1, also written as a percentage ("5%")."""
    number = _number(value)
    if number is not None and isinstance(value, str):
        number /= 100
    if number is not None and number.is_finite() and 0 <= number <= 1:
        return float(number)
    raise fault("bad-fraction", f"{shown(value)} is no fraction", "write a number from 0 to 1, or 0% to 100%")


def parse_positive(value: Any) -> int | float:
    """A number above zero, whole where it was written so."""
    number = None if isinstance(value, str) else _number(value)
    if number is not None and number.is_finite() and number > 0:
        return value  # type: ignore[no-any-return]
    raise fault(
        "not-positive", f"{shown(value)} is no number above 0", "write a number above 0, such as 2 or 0.5"
    )


class _Number:
    """Pydantic's view of a parser of plain numbers."""

    def __init__(self, word: str, parse: Callable[[Any], Any], accepted: core_schema.CoreSchema) -> None:
        self.word = word
        self.parse = parse
        self.accepted = accepted

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.parse, json_schema_input_schema=self.accepted
        )


def _or_share(number: core_schema.CoreSchema) -> core_schema.CoreSchema:
    return core_schema.union_schema([number, core_schema.str_schema(pattern=r"^\d+(\.\d+)?\s*%$")])


Percent: TypeAlias = Annotated[
    int, _Number("percentage", parse_percent, _or_share(core_schema.int_schema(ge=0, le=100)))
]
"""A whole percentage, 0 to 100."""

Fraction: TypeAlias = Annotated[
    float, _Number("fraction", parse_fraction, _or_share(core_schema.float_schema(ge=0, le=1)))
]
"""A part of one, 0 to 1."""

Positive: TypeAlias = Annotated[
    float, _Number("number above 0", parse_positive, core_schema.float_schema(gt=0))
]
"""A number above zero; a whole one stays an int."""
