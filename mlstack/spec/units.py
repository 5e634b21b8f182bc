"""Quantities with a unit: durations, memory, money, accelerators.

Each is parsed once and kept as a number in one unit; ``str()`` gives the canonical text, which parses to
the same value again. Wrong ones say which forms are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import AfterValidator, GetCoreSchemaHandler
from pydantic_core import core_schema

from mlstack.spec.faults import fault, shown

_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_LONGEST = 10**12  # milliseconds: 31 years, and far from where floats lose one
_DURATION = re.compile(r"(\d{1,13}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)", re.ASCII)
_DURATION_FORMS = "write a number and a unit: 200ms, 30s, 10m, 2h or 1d"

_BYTES = {
    "": 2**30, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
    "M": 10**6, "G": 10**9, "T": 10**12, "MB": 10**6, "GB": 10**9, "TB": 10**12,
}  # fmt: skip
_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,30})?)\s*([KMGT]i?B?)?", re.ASCII)
_MEMORY_FORMS = "write GiB as a number (4, 0.5), or a number and a unit: 512Mi, 4Gi, 1Ti, 500MB, 16GB"

_MONEY = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]{3})", re.ASCII)
_MONEY_FORMS = "write an amount and a currency: 5 USD, 0.50 EUR"

_GPU = re.compile(r"([a-z][a-z0-9-]{0,30})(?::([1-9]\d{0,2}))?", re.ASCII)
_GPU_FORMS = "write the accelerator, and how many of them: t4, a100-80:1, h100:8"


def _schema(
    check: Callable[[Any], Any], accepted: core_schema.CoreSchema, dump: Callable[[Any], Any] | None = None
) -> core_schema.CoreSchema:
    serialization = core_schema.plain_serializer_function_ser_schema(dump) if dump else None
    return core_schema.no_info_plain_validator_function(
        check, json_schema_input_schema=accepted, serialization=serialization
    )


class Duration(float):
    """A length of time in seconds, whole milliseconds. ``str()`` is canonical: "10m", "1500ms"."""

    __slots__ = ()
    word = "duration"

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From "10m", a `Duration` or a `datetime.timedelta`; a bare number has no unit and is refused."""
        if isinstance(value, cls):
            return value
        milliseconds = None
        if isinstance(value, timedelta):
            milliseconds = Decimal(round(value / timedelta(milliseconds=1)))
        elif isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
            milliseconds = Decimal(found[1]) * _MILLISECONDS[found[2]]
        if milliseconds is not None and 0 <= milliseconds <= _LONGEST and milliseconds % 1 == 0:
            return cls(int(milliseconds) / 1000)
        raise fault("bad-duration", f"{shown(value)} is no duration", _DURATION_FORMS)

    @property
    def milliseconds(self) -> int:
        return round(self * 1000)

    def __str__(self) -> str:
        for unit, size in _MILLISECONDS.items():
            if self.milliseconds and self.milliseconds % size == 0:
                return f"{self.milliseconds // size}{unit}"
        return "0s"

    def __repr__(self) -> str:
        return f"Duration({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return _schema(cls.parse, core_schema.str_schema(pattern=rf"^{_DURATION.pattern}$"), str)


def _positive(value: Duration) -> Duration:
    if value > 0:
        return value
    raise fault("bad-duration", "a duration of nothing has no meaning here", _DURATION_FORMS)


Period: TypeAlias = Annotated[Duration, AfterValidator(_positive)]
"""A duration longer than nothing."""


class Memory(float):
    """An amount of memory or disk in GiB, more than nothing. ``str()`` is canonical: "4Gi", "0.5Gi"."""

    __slots__ = ()
    word = "GiB"

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From a number of GiB, or a text with a unit ("512Mi", "16GB")."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            found = _MEMORY.fullmatch(value.strip())
            if found and (found[2] or "") in _BYTES:
                value = float(Decimal(found[1]) * _BYTES[found[2] or ""] / 2**30)
        if isinstance(value, int | float) and not isinstance(value, bool) and 2**-30 <= value < 10**9:
            return cls(value)
        raise fault("bad-memory", f"{shown(value)} is no amount of memory or disk", _MEMORY_FORMS)

    @property
    def bytes(self) -> int:
        return round(self * 2**30)

    def plain(self) -> int | float:
        """The number of GiB, whole where it is."""
        return int(self) if self.is_integer() else float(self)

    def __str__(self) -> str:
        return f"{format(Decimal(repr(float(self))), 'f').removesuffix('.0')}Gi"

    def __repr__(self) -> str:
        return f"Memory({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        text = core_schema.str_schema(pattern=r"^\d+(\.\d+)?\s*([MGT]i?B?)?$")
        return _schema(cls.parse, core_schema.union_schema([core_schema.float_schema(gt=0), text]), cls.plain)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency (ISO 4217). ``str()`` is canonical: "5 USD"."""

    word: ClassVar = "money"

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        found = _MONEY.fullmatch(value.strip()) if isinstance(value, str) else None
        if found:
            return cls(Decimal(found[1]), found[2].upper())
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise fault("bad-money", f"{shown(value)} has no currency", _MONEY_FORMS)
        raise fault("bad-money", f"{shown(value)} is no amount of money", _MONEY_FORMS)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return _schema(cls.parse, core_schema.str_schema(pattern=rf"^{_MONEY.pattern}$"), str)


@dataclass(frozen=True, slots=True)
class Gpu:
    """A kind of accelerator and how many of it. ``str()`` is canonical: "a100-80:1"."""

    word: ClassVar = "accelerator"

    type: str
    count: int = 1

    @classmethod
    def parse(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        found = _GPU.fullmatch(value.strip().lower()) if isinstance(value, str) else None
        if found:
            return cls(found[1], int(found[2] or 1))
        raise fault("bad-gpu", f"{shown(value)} names no accelerator", _GPU_FORMS)

    def __str__(self) -> str:
        return f"{self.type}:{self.count}"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return _schema(cls.parse, core_schema.str_schema(pattern=r"^[A-Za-z][A-Za-z0-9-]*(:[1-9]\d*)?$"), str)
