"""Values of one column, or of one tensor, as an array of the type that the model takes."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable
from typing import Any

from mlstack_serving.batch import as_array, np
from mlstack_serving.errors import BadInput

#: Tells where a value is: its index, or its indices in several dimensions.
Place = Callable[..., str]

_LEAST, _MOST = -(2**63), 2**63 - 1


def shown(value: Any) -> str:
    """A value for a message: JSON, cut short."""
    try:
        text = json.dumps(None if value != value else value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 40 else text[:37] + "..."


def read(kind: str, values: Any, place: Place, required: bool = True, of: str = "") -> Any:
    """``values``, one per row, as an array of ``kind``. ``of`` says in errors whose values they are."""
    if kind == "any":
        return as_array(values) if isinstance(values, list) else values
    if kind == "number" and _kind(values) in "biuf":
        return values.astype(np.float64, copy=False)
    if kind == "integer" and _kind(values) in "iu" and not (values.size and int(values.max()) > _MOST):
        return values.astype(np.int64, copy=False)
    if kind == "boolean" and _kind(values) == "b":
        return values
    parse = _PARSERS[kind]
    parsed = []
    for index, value in enumerate(values):
        plain = value.item() if hasattr(value, "item") else value
        if _is_null(plain) and (not required or kind == "number"):
            parsed.append(_NULLS.get(kind))
            continue
        try:
            parsed.append(parse(plain))
        except (ValueError, OverflowError) as error:
            what = f"{error} (column {of!r})" if of else str(error)
            raise BadInput(f"{shown(plain)} {what}", place(index)) from None
    return np.array(parsed, dtype=_dtype(kind, parsed)) if np is not None else parsed


def meant(kind: str, cells: Any) -> Any:
    """What texts of a CSV's cells say, where they are of the kind; else the text, which `read` refuses."""
    if kind == "any":
        parsed = [None if cell is None else _told(cell) for cell in cells]
        whole = all(value is not None or cell is None for value, cell in zip(parsed, cells))
        return as_array(parsed if whole else list(cells))
    if kind in ("number", "integer"):
        told = [cell if cell is None or _told(cell) is None else _told(cell) for cell in cells]
        return np.array(told, dtype=object)
    if kind == "boolean":
        words = {"true": True, "false": False, "1": True, "0": False}
        return np.array([words.get(str(cell).lower(), cell) for cell in cells], dtype=object)
    return cells


def _told(cell: str) -> Any:
    for number in (int, float):
        try:
            return number(cell)
        except ValueError:
            continue
    return None


def numbers(values: Any, place: Place, texts: bool = False) -> Any:
    """An array of any shape as doubles; the first value that is no number is named. ``texts``: what is
    written in one may be a number."""
    if _kind(values) in "biuf":
        return values.astype(np.float64, copy=False)
    if texts:
        try:
            return values.astype(np.float64)
        except ValueError:
            values = np.array(
                [
                    _told(cell) if isinstance(cell, str) and _told(cell) is not None else cell
                    for cell in values.flat
                ],
                dtype=object,
            ).reshape(values.shape)
    made = np.empty(values.shape, dtype=np.float64)
    for index in np.ndindex(values.shape):
        value = values[index]
        try:
            made[index] = (
                math.nan if value is None else _number(value.item() if hasattr(value, "item") else value)
            )
        except (ValueError, OverflowError) as error:
            raise BadInput(f"{shown(value)} {error}", place(*index)) from None
    return made


def _kind(values: Any) -> str:
    return str(values.dtype.kind) if hasattr(values, "dtype") else "-"


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)):
        raise ValueError("is no number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError("is too large") from None


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise ValueError("is no whole number")
    if not _LEAST <= value <= _MOST:
        raise ValueError("is too large")
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is no text")
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            found = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise ValueError("is no date as in 2026-01-31T12:00:00") from None
        if found.tzinfo is not None:
            found = found.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return np.datetime64(found) if np is not None else found
    raise ValueError("is no date as in 2026-01-31T12:00:00")


def _dtype(kind: str, parsed: list[Any]) -> Any:
    if kind == "datetime":
        return "datetime64[us]"
    if kind == "text" or (kind == "boolean" and None in parsed):
        return object
    if kind == "integer":
        return np.float64 if any(value is math.nan for value in parsed) else np.int64
    return {"number": np.float64, "boolean": np.bool_}[kind]


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "text": _text,
    "datetime": _moment,
}
_NULLS = {"number": math.nan, "integer": math.nan}
