"""The inputs of one request, free of the wire form they came in."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mlstack_serving.errors import BadInput

# Users' code may do without numpy; rows then stay lists.
np: Any = import_module("numpy") if find_spec("numpy") else None


class Batch:
    """Named values: ``tensors`` maps a name to an array of one entry per row.

    ``named`` says whether the names mean columns or inputs of the model; if not, there is one tensor,
    the rows in order. ``field`` is the place in the request that an error about the values names;
    ``prefix`` what the place of a single row begins with ("" where the request is no list of rows). A
    tensor is a list where its rows are no rectangle (or numpy is absent). ``parameters`` are for the model.
    ``texts``: all values are the texts of a CSV's cells, whatever they mean, and None where one is empty.
    """

    __slots__ = ("field", "named", "parameters", "prefix", "tensors", "texts")

    def __init__(
        self, tensors: dict[str, Any], named: bool, field: str, prefix: str = "", texts: bool = False
    ) -> None:
        self.tensors = tensors
        self.named = named
        self.field = field
        self.prefix = prefix
        self.texts = texts
        self.parameters: dict[str, Any] = {}

    @property
    def rows(self) -> Any:
        """The only tensor, where there is one."""
        if len(self.tensors) != 1:
            raise BadInput(f"one input is expected, got {', '.join(map(repr, self.tensors))}", self.field)
        return next(iter(self.tensors.values()))

    def __len__(self) -> int:
        """The number of rows."""
        return len(next(iter(self.tensors.values())))

    def place(self, row: int, *path: Any) -> str:
        """Where a value is in the request, as in ``instances[3].age`` or ``instances[2][17]``."""
        if not self.prefix:
            names = list(self.tensors)
            index = names.index(path[0]) if self.named and path and path[0] in names else 0
            return f"inputs[{index}].data" + (f"[{row}]" if self.named else "")
        steps = (f".{step}" if isinstance(step, str) else f"[{step}]" for step in path)
        return f"{self.prefix}[{row}]" + "".join(steps)

    @property
    def ordered(self) -> bool:
        """Whether the order of the names is their author's, as in a header; in JSON's objects it is not."""
        return not self.prefix.startswith(("instances", "inputs"))

    def with_tensors(self, tensors: dict[str, Any], named: bool) -> Batch:
        """The same request with other values."""
        made = Batch(tensors, named, self.field, self.prefix)
        made.parameters = self.parameters
        return made

    def for_code(self) -> Any:
        """What a user's own code is handed: rows without names, or ``{name: values}``."""
        return self.tensors if self.named else self.rows


def from_rows(rows: list[Any], place: str) -> Batch:
    """Rows that are arrays or single values."""
    for index, row in enumerate(rows):
        if isinstance(row, dict):
            raise BadInput("is an object, but the rows before it are not", f"{place}[{index}]")
    return Batch({"": as_array(rows)}, named=False, field=f"{place}[0]", prefix=place)


def from_records(records: list[Any], place: str, optional: Collection[str] = ()) -> Batch:
    """Rows that are objects; a column that is ``optional`` is null where it is left out."""
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise BadInput("is no object, but the rows before it are", f"{place}[{index}]")
    if optional:
        records = [{**dict.fromkeys(optional), **record} for record in records]
    names = records[0].keys()
    for index, record in enumerate(records):
        if record.keys() != names:
            odd = sorted(names ^ record.keys())
            raise BadInput(f"differs from the first row in {', '.join(map(repr, odd))}", f"{place}[{index}]")
    columns = {name: as_array([record[name] for record in records]) for name in names}
    if not columns:
        raise BadInput("has no columns", f"{place}[0]")
    return Batch(columns, named=True, field=f"{place}[0]", prefix=place)


def as_array(rows: list[Any]) -> Any:
    """An array that keeps every value's type: numbers stay numbers beside text, null becomes NaN."""
    if np is None:
        return rows
    try:
        array = np.asarray(rows)
        if array.dtype.kind in "US":
            return np.asarray(rows, dtype=object)
    except (ValueError, OverflowError):
        return rows
    if array.dtype.kind == "O" and all(v is None or isinstance(v, (int, float)) for v in array.flat):
        try:
            return array.astype(float)
        except OverflowError:  # an integer beyond any float
            return array
    return array
