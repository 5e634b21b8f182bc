"""The seam between requests and models, and the signature of a model that says nothing of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlstack_serving.batch import Batch

#: JSON Schema of a value of each kind.
KINDS: Mapping[str, dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
    "any": {},
}
DATATYPE_OF = {
    "number": "FP64",
    "integer": "INT64",
    "boolean": "BOOL",
    "text": "BYTES",
    "datetime": "BYTES",
    "any": "BYTES",
}


@dataclass(frozen=True)
class Tensor:
    """Metadata of one input or output; -1 in ``shape`` is any size."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}


class Signature:
    """Takes anything. ``names`` are those of the columns, ``optional`` the ones that may be left out;
    ``typed``: whether it wants the columns of a CSV as numbers where they are such, rather than as texts;
    ``tensors`` describe the inputs of protocol v2; ``example`` is one row that the model answers, or None."""

    names: tuple[str, ...] | None = None
    optional: frozenset[str] = frozenset()
    tensors: tuple[Tensor, ...] = ()
    typed: bool = True
    example: Any = None

    def read(self, batch: Batch) -> Batch:
        """The batch as the model takes it: columns in order, values of one type. BadInput names the first
        value, or column, that does not fit."""
        return batch

    def row(self) -> dict[str, Any]:
        """JSON Schema of one row."""
        return {}

    @property
    def stacks(self) -> bool:
        """Whether rows of several requests may be one batch."""
        return True
