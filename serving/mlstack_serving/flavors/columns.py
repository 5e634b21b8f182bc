"""A request's values as the table that a model of named or counted features expects."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.errors import BadInput


def features(batch: Batch, names: Sequence[str] | None, count: int | None) -> Any:
    """A 2-D array, or with ``names`` a DataFrame in their order (an array where pandas is absent).

    ``count`` is the number of features, None where the model has none (a text vectorizer takes one
    value per row). BadInput names missing and unknown columns, or expected and got counts.
    """
    if batch.named:
        return _by_name(batch, names, count)
    rows = batch.rows
    if isinstance(rows, list):
        raise BadInput("rows differ in length", batch.field)
    if rows.ndim == 1:
        if count is None:
            return rows
        if count != 1:
            raise BadInput(f"the model expects rows of {count} features, got single values", batch.field)
        rows = rows.reshape(-1, 1)
    if count is not None and (rows.ndim != 2 or rows.shape[1] != count):
        got = rows.shape[1] if rows.ndim == 2 else f"an array of shape {list(rows.shape)}"
        raise BadInput(f"the model expects {count} features, got {got}", batch.field)
    if names is None or not (pandas := _pandas()):
        return rows
    table = pandas.DataFrame(rows, columns=list(names))
    return table.infer_objects() if rows.dtype.kind == "O" else table


def _by_name(batch: Batch, names: Sequence[str] | None, count: int | None) -> Any:
    columns = {name: _column(name, values, batch.field) for name, values in batch.tensors.items()}
    if len({len(values) for values in columns.values()}) > 1:
        sizes = ", ".join(f"{name!r}: {len(values)}" for name, values in columns.items())
        raise BadInput(f"the columns differ in length ({sizes})", batch.field)
    if names is None:
        if batch.field.startswith("instances"):
            what = "single values" if count in (None, 1) else f"arrays of {count} values"
            raise BadInput(f"the model was trained without column names: send rows as {what}", batch.field)
        if count is not None and len(columns) != count:
            raise BadInput(f"the model expects {count} features, got {len(columns)}", batch.field)
        return next(iter(columns.values())) if count is None else np.column_stack(list(columns.values()))
    problems = []
    if missing := [name for name in names if name not in columns]:
        problems.append("missing columns: " + ", ".join(map(repr, missing)))
    if unknown := [name for name in columns if name not in names]:
        problems.append("unknown columns: " + ", ".join(map(repr, unknown)))
    if problems:
        raise BadInput("; ".join(problems), batch.field)
    if pandas := _pandas():
        return pandas.DataFrame({name: columns[name] for name in names})
    return np.column_stack([columns[name] for name in names])


def _column(name: str, values: Any, field: str) -> Any:
    if not isinstance(values, list) and (values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)):
        return values.reshape(-1)
    raise BadInput(f"{name!r} must hold one value per row", field)


def _pandas() -> Any:
    return import_module("pandas") if find_spec("pandas") else None
