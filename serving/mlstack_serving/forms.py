"""The forms in which clients of the platforms send rows as JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from mlstack_serving.batch import Batch, from_records, from_rows
from mlstack_serving.errors import BadInput


def read(message: Any, optional: Collection[str] = ()) -> Batch:
    """The rows of ``{"instances": [...]}``, or another of FORMS, with ``parameters`` where they are given."""
    form = next((name for name in FORMS if isinstance(message, dict) and name in message), None)
    if form is None:
        others = ", ".join(list(FORMS)[1:])
        raise BadInput(f'must be an object: {{"instances": [...]}} (or {others})', "instances")
    batch = FORMS[form](message[form], form, optional)
    parameters = message.get("parameters", message.get("params"))
    if parameters is not None:
        if not isinstance(parameters, dict):
            raise BadInput("must be an object", "parameters")
        batch.parameters = parameters
    return batch


def _rows(value: Any, place: str, optional: Collection[str]) -> Batch:
    """``[[...], ...]``, ``[value, ...]`` or ``[{column: value}, ...]``."""
    if not isinstance(value, list):
        raise BadInput("must be a list with one entry per row", place)
    if not value:
        raise BadInput("is empty: at least one row is needed", place)
    return from_records(value, place, optional) if isinstance(value[0], dict) else from_rows(value, place)


def _split(value: Any, place: str, optional: Collection[str]) -> Batch:
    """``{"columns": [...], "index": [...], "data": [[...], ...]}``, as pandas and MLflow write it."""
    if not isinstance(value, dict):
        raise BadInput("must be an object with columns and data", place)
    rows, names = value.get("data"), value.get("columns")
    if not isinstance(rows, list) or not rows:
        raise BadInput("must be a list with at least one row", f"{place}.data")
    if names is None:
        return _rows(rows, f"{place}.data", optional)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        # Columns that pandas only counts are no names.
        if isinstance(names, list) and names == list(range(len(names))):
            return _rows(rows, f"{place}.data", optional)
        raise BadInput("must be a list of texts", f"{place}.columns")
    if len(set(names)) != len(names):
        raise BadInput("a name is there twice", f"{place}.columns")
    for index, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            got = len(row) if isinstance(row, list) else 1
            raise BadInput(f"has {got} values for {len(names)} columns", f"{place}.data[{index}]")
    return from_records([dict(zip(names, row)) for row in rows], f"{place}.data", optional)


def _inputs(value: Any, place: str, optional: Collection[str]) -> Batch:
    """Rows, or ``{column: [values, ...]}``, as MLflow and KServe's v1 take them."""
    if not isinstance(value, dict):
        if isinstance(value, list) and value and isinstance(value[0], dict) and "datatype" in value[0]:
            raise BadInput("are tensors of protocol v2: they go to /v2/models/NAME/infer", place)
        return _rows(value, place, optional)
    lengths = {len(values) if isinstance(values, list) else -1 for values in value.values()}
    if len(lengths) != 1 or min(lengths) < 1:
        raise BadInput("must be lists of one length, one for each column", place)
    return from_records([dict(zip(value, row)) for row in zip(*value.values())], place, optional)


def _input_data(value: Any, place: str, optional: Collection[str]) -> Batch:
    if isinstance(value, dict) and "data" in value:
        return _split(value, place, optional)
    return _rows(value, place, optional)


#: By the body's key. ``instances``: Vertex AI, KServe; ``dataframe_*``: MLflow; ``input_data``: Azure ML.
#: ``inputs``: MLflow, and KServe's v1.
FORMS: Mapping[str, Callable[[Any, str, Collection[str]], Batch]] = {
    "instances": _rows,
    "dataframe_split": _split,
    "dataframe_records": _rows,
    "input_data": _input_data,
    "inputs": _inputs,
}
