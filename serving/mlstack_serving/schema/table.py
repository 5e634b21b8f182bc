"""Rows of columns, known by name or only counted."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, NamedTuple

from mlstack_serving.batch import Batch, as_array, np
from mlstack_serving.errors import BadInput
from mlstack_serving.schema import values
from mlstack_serving.schema.base import DATATYPE_OF, KINDS, Signature, Tensor

_EXAMPLES = {
    "number": 0.0,
    "integer": 0,
    "boolean": False,
    "text": "text",
    "datetime": "2026-01-31T12:00:00",
    "any": 0.0,
}


class Column(NamedTuple):
    """``kind`` is one of `schema.base.KINDS`; ``example`` None: one of its kind."""

    name: str
    kind: str = "any"
    required: bool = True
    example: Any = None

    @property
    def sample(self) -> Any:
        return _EXAMPLES[self.kind] if self.example is None else self.example


class Table(Signature):
    """``columns`` with names; or with ``known`` false, columns that are only counted, in order.

    What `read` gives: a matrix of doubles where all columns are numbers; else ``{name: values}`` where they
    have names; else the matrix as it came.
    """

    typed = False

    def __init__(self, columns: Sequence[Column], known: bool = True, example: Any = None) -> None:
        self.columns = tuple(columns)
        self.known = known
        self.names = tuple(column.name for column in self.columns) if known else None
        self.optional = frozenset(column.name for column in self.columns if known and not column.required)
        self._numeric = all(column.kind == "number" for column in self.columns)
        samples = [column.sample for column in self.columns]
        self.example = example or (dict(zip(self.names, samples)) if self.names else samples)
        self.tensors = self._tensors()

    def read(self, batch: Batch) -> Batch:
        if batch.named:
            return self._by_name(batch)
        rows = self._rectangle(batch)
        if self._numeric:
            return batch.with_tensors({"": values.numbers(rows, batch.place, batch.texts)}, named=False)
        if not self.known and not batch.texts and all(column.kind == "any" for column in self.columns):
            return batch.with_tensors({"": rows}, named=False)
        read = {
            column.name: self._column(batch, column, rows[:, index], index)
            for index, column in enumerate(self.columns)
        }
        if self.known:
            return batch.with_tensors(read, named=True)
        return batch.with_tensors(
            {"": np.column_stack([each.astype(object) for each in read.values()])}, named=False
        )

    def _column(self, batch: Batch, column: Column, given: Any, index: int) -> Any:
        if batch.texts:
            given = values.meant(column.kind, given)
        if column.kind == "any" and given.dtype.kind == "O":
            given = as_array(list(given))  # the numbers of a column beside texts
            return given if hasattr(given, "dtype") else np.array(given, dtype=object)

        def place(row: int) -> str:
            return batch.place(row, index)

        return values.read(column.kind, given, place, column.required, column.name if self.known else "")

    def _rectangle(self, batch: Batch) -> Any:
        """The rows as a matrix that is as wide as the table."""
        rows, width = batch.rows, len(self.columns)
        if isinstance(rows, list):
            for index, row in enumerate(rows):
                if not isinstance(row, list) or len(row) != width:
                    what = len(row) if isinstance(row, list) else "a single value"
                    raise BadInput(f"the model expects {width} features, got {what}", batch.place(index))
            made = np.empty((len(rows), width), dtype=object)
            for index, row in enumerate(rows):
                for column, value in enumerate(row):
                    made[index, column] = value
            return made
        if rows.ndim == 1:
            if width != 1:
                raise BadInput(f"the model expects rows of {width} features, got single values", batch.field)
            return rows.reshape(-1, 1)
        if rows.ndim != 2 or rows.shape[1] != width:
            got = rows.shape[1] if rows.ndim == 2 else f"an array of shape {list(rows.shape)}"
            raise BadInput(f"the model expects {width} features, got {got}", batch.field)
        return rows

    def _by_name(self, batch: Batch) -> Batch:
        if not self.known:
            return self._by_order(batch)
        given = batch.tensors
        self._check_names(batch)
        columns = {}
        for column in self.columns:
            name = column.name
            if name not in given:
                columns[name] = values.read(column.kind, [None] * len(batch), batch.place, required=False)
                continue

            def place(row: int, name: str = name) -> str:
                return batch.place(row, name)

            flat = _flat(name, given[name], batch)
            flat = values.meant(column.kind, flat) if batch.texts else flat
            columns[name] = values.read(column.kind, flat, place, column.required)
        _check_lengths(columns, batch)
        if self._numeric:
            return batch.with_tensors({"": np.column_stack(list(columns.values()))}, named=False)
        return batch.with_tensors(columns, named=True)

    def _by_order(self, batch: Batch) -> Batch:
        """Columns of a CSV, say, for a model that knows no names: their order counts."""
        width = len(self.columns)
        if not batch.ordered:
            what = "single values" if width == 1 else f"arrays of {width} values"
            raise BadInput(f"the model was trained without column names: send rows as {what}", batch.field)
        if len(batch.tensors) != width:
            raise BadInput(f"the model expects {width} features, got {len(batch.tensors)}", batch.field)
        columns = {}
        for index, (name, given) in enumerate(batch.tensors.items()):

            def place(row: int, name: str = name) -> str:
                return batch.place(row, name)

            kind, flat = self.columns[index].kind, _flat(name, given, batch)
            flat = values.meant(kind, flat) if batch.texts else flat
            columns[name] = values.read(kind, flat, place)
        _check_lengths(columns, batch)
        return batch.with_tensors({"": np.column_stack(list(columns.values()))}, named=False)

    def _check_names(self, batch: Batch) -> None:
        missing = [c.name for c in self.columns if c.required and c.name not in batch.tensors]
        unknown = [name for name in batch.tensors if self.names is None or name not in self.names]
        problems = []
        if missing:
            problems.append("missing columns: " + ", ".join(map(repr, missing)))
        if unknown:
            problems.append(
                "unknown columns: " + ", ".join(_with_hint(name, self.names or ()) for name in unknown)
            )
        if problems:
            raise BadInput("; ".join(problems), batch.field)

    def row(self) -> dict[str, Any]:
        kinds = [KINDS[column.kind] for column in self.columns]
        array: dict[str, Any] = {"type": "array", "minItems": len(kinds), "maxItems": len(kinds)}
        if len({column.kind for column in self.columns}) == 1:
            array["items"] = kinds[0]
        else:
            array["prefixItems"] = kinds
        if not self.names:
            return array
        record = {
            "type": "object",
            "properties": dict(zip(self.names, kinds)),
            "required": [column.name for column in self.columns if column.required],
            "additionalProperties": False,
        }
        return {"oneOf": [record, array]}

    def _tensors(self) -> tuple[Tensor, ...]:
        if self.known:
            return tuple(Tensor(column.name, DATATYPE_OF[column.kind], (-1,)) for column in self.columns)
        kind = DATATYPE_OF["number" if self._numeric else self.columns[0].kind]
        return (Tensor("input-0", kind, (-1, len(self.columns))),)


class Texts(Signature):
    """One text per row."""

    typed = False

    tensors = (Tensor("input-0", "BYTES", (-1,)),)
    example = "text"

    def read(self, batch: Batch) -> Batch:
        rows = _flat("each row", batch.rows, batch)
        return batch.with_tensors({"": values.read("text", rows, batch.place)}, named=False)

    def row(self) -> dict[str, Any]:
        return dict(KINDS["text"])


def counted(width: int, kind: str = "number") -> Table:
    """Columns without names."""
    return Table([Column(str(index), kind) for index in range(width)], known=False)


def _with_hint(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"{name!r} (did you mean {near[0]!r}?)" if near else repr(name)


def _flat(name: str, given: Any, batch: Batch) -> Any:
    """One value per row."""
    if isinstance(given, list):
        return given
    if given.ndim == 1 or (given.ndim == 2 and given.shape[1] == 1):
        return given.reshape(-1)
    raise BadInput(f"{name!r} must hold one value per row", batch.field)


def _check_lengths(columns: dict[str, Any], batch: Batch) -> None:
    if len({len(column) for column in columns.values()}) > 1:
        sizes = ", ".join(f"{name!r}: {len(column)}" for name, column in columns.items())
        raise BadInput(f"the columns differ in length ({sizes})", batch.field)
