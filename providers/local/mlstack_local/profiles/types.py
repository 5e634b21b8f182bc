"""The types of a table's columns, and how two become one that holds the values of both."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

#: Column -> the type that all its batches have.
Types: TypeAlias = dict[str, Any]


class Wider(Exception):  # noqa: N818 - an event, not an error
    """A column needs another type than the one that its first values had."""

    def __init__(self, column: str, wider: Any) -> None:
        super().__init__(column)
        self.column = column
        self.type = wider


def settle(batch: Any, types: Types) -> Any:
    """The batch with its columns' settled types. New columns settle theirs; raises `Wider`."""
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        column = _flat(column)
        known = types.setdefault(field.name, column.type)
        both = unify(known, column.type)
        if both != known:
            raise Wider(field.name, both)
        columns.append(column if column.type == known else _cast(column, known))
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def unify(one: Any, other: Any) -> Any:
    """The narrowest type that holds the values of both."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if pa.types.is_integer(one) and pa.types.is_integer(other):
        return pa.int64()
    if is_number(one) and is_number(other):
        return pa.float64()
    if pa.types.is_temporal(one) and pa.types.is_temporal(other):
        return pa.timestamp("us")
    return pa.string()


def wider(present: Any) -> Any:
    """The next type to try for values that are no such."""
    if pa.types.is_null(present):
        return pa.int64()
    if pa.types.is_integer(present):
        return pa.float64()
    if pa.types.is_string(present):
        return pa.binary()
    return pa.timestamp("us") if pa.types.is_date(present) else pa.string()


def is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _flat(column: Any) -> Any:
    """The column with one of few types: dictionaries decoded, and what is nested as text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _flat(column.dictionary_decode())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_time(kind):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    return column


def _cast(column: Any, kind: Any) -> Any:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit))
    if pa.types.is_binary(column.type) and pa.types.is_string(kind):
        return pa.array([str(value) for value in column.to_pylist()], pa.string())
    return pc.cast(column, kind, safe=False)
