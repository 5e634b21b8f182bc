"""The inputs of one request, free of the wire form they came in."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mlstack_serving.errors import BadInput

# Users' code may do without numpy; rows then stay lists.
np: Any = import_module("numpy") if find_spec("numpy") else None


class Batch:
    """Named values: ``tensors`` maps a name to an array of one entry per row.

    ``named`` says whether the names mean columns or inputs of the model; if not, there is one tensor,
    the rows in order. ``field`` is the place in the request that an error about the values names. A
    tensor is a list where its rows are no rectangle (or numpy is absent).
    """

    __slots__ = ("field", "named", "tensors")

    def __init__(self, tensors: dict[str, Any], named: bool, field: str) -> None:
        self.tensors = tensors
        self.named = named
        self.field = field

    @property
    def rows(self) -> Any:
        """The only tensor, where there is one."""
        if len(self.tensors) != 1:
            raise BadInput(f"one input is expected, got {', '.join(map(repr, self.tensors))}", self.field)
        return next(iter(self.tensors.values()))

    def for_code(self) -> Any:
        """What a user's own code is handed: rows without names, or ``{name: values}``."""
        return self.tensors if self.named else self.rows


def from_instances(instances: Any) -> Batch:
    """Rows as ``[[...], ...]``, ``[value, ...]`` or ``[{column: value}, ...]``."""
    if not isinstance(instances, list):
        raise BadInput("must be a list with one entry per row", "instances")
    if not instances:
        raise BadInput("is empty: at least one row is needed", "instances")
    if isinstance(instances[0], dict):
        return Batch(_columns(instances), named=True, field="instances[0]")
    for index, row in enumerate(instances):
        if isinstance(row, dict):
            raise BadInput("is an object, but the rows before it are not", f"instances[{index}]")
    return Batch({"": as_array(instances)}, named=False, field="instances[0]")


def _columns(records: list[Any]) -> dict[str, Any]:
    names = records[0].keys()
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise BadInput("is no object, but the rows before it are", f"instances[{index}]")
        if record.keys() != names:
            odd = sorted(names ^ record.keys())
            raise BadInput(
                f"differs from the first row in {', '.join(map(repr, odd))}", f"instances[{index}]"
            )
    return {name: as_array([record[name] for record in records]) for name in names}


def as_array(rows: list[Any]) -> Any:
    """An array that keeps every value's type: numbers stay numbers beside text, null becomes NaN."""
    if np is None:
        return rows
    try:
        array = np.asarray(rows)
        if array.dtype.kind in "US":
            return np.asarray(rows, dtype=object)
    except ValueError:
        return rows
    if array.dtype.kind == "O" and all(v is None or isinstance(v, (int, float)) for v in array.flat):
        return array.astype(float)
    return array
