"""Tensors of one datatype and shape each, as onnx and pytorch models take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.errors import BadInput
from mlstack_serving.schema import values
from mlstack_serving.schema.base import KINDS, Signature, Tensor
from mlstack_serving.tensors import DATATYPES, narrowed

_WHOLE = ("INT", "UINT")


class Tensors(Signature):
    """``known``: whether a caller may name the inputs. What `read` gives: each tensor under its name."""

    def __init__(self, tensors: Sequence[Tensor], known: bool = True, example: Any = None) -> None:
        self.tensors = tuple(tensors)
        self.known = known
        several = len(self.tensors) > 1
        self.names = tuple(item.name for item in self.tensors) if several else None
        samples = {item.name: _sample(item, item.shape[1:]) for item in self.tensors}
        self.example = example or (samples if several else samples[self.tensors[0].name])

    @property
    def stacks(self) -> bool:
        return all(item.shape and item.shape[0] == -1 for item in self.tensors)

    def read(self, batch: Batch) -> Batch:
        found = {item.name: _fitted(item, given, batch) for item, given in self._match(batch)}
        sizes = {len(array) for array in found.values()}
        if len(sizes) > 1 and self.stacks:
            got = ", ".join(f"{name!r}: {len(array)}" for name, array in found.items())
            raise BadInput(f"the inputs differ in length ({got})", batch.field)
        return batch.with_tensors(found, named=len(found) > 1 or batch.named)

    def _match(self, batch: Batch) -> list[tuple[Tensor, Any]]:
        """Each input with its values: by name, or the rows for the only input, or a column of them each."""
        if not batch.named and len(self.tensors) == 1:
            return [(self.tensors[0], batch.rows)]
        rows: Any = None if batch.named else batch.rows
        if getattr(rows, "ndim", 0) == 2 and rows.shape[1] == len(self.tensors):
            return [(item, rows[:, [index]]) for index, item in enumerate(self.tensors)]
        names = [item.name for item in self.tensors]
        if set(names) != batch.tensors.keys():
            if len(names) == len(batch.tensors) == 1:
                return [(self.tensors[0], next(iter(batch.tensors.values())))]
            if batch.named and len(names) == 1 and self.tensors[0].shape[1:] == (len(batch.tensors),):
                columns = [np.asarray(column).reshape(-1) for column in batch.tensors.values()]
                if batch.ordered and len({len(column) for column in columns}) == 1:
                    return [(self.tensors[0], np.column_stack(columns))]  # a CSV that has a header
            got = ", ".join(repr(name) for name in batch.tensors if name) or "rows without names"
            raise BadInput(f"the model's inputs are {', '.join(map(repr, names))}; got {got}", batch.field)
        return [(item, batch.tensors[item.name]) for item in self.tensors]

    def row(self) -> dict[str, Any]:
        shapes = {item.name: _schema(item, item.shape[1:]) for item in self.tensors}
        if len(shapes) == 1:
            return next(iter(shapes.values()))
        return {
            "type": "object",
            "properties": shapes,
            "required": list(shapes),
            "additionalProperties": False,
        }


def _fitted(item: Tensor, given: Any, batch: Batch) -> Any:
    def place(row: int, *path: Any) -> str:
        return batch.place(row, *([item.name] if batch.named and batch.prefix else []), *path)

    if isinstance(given, list):
        _find_odd(item, given, place)
        raise BadInput("rows differ in length", batch.field)
    shape = item.shape
    if given.ndim == 1 and len(shape) == 2 and shape[1] in (1, -1):
        given = given.reshape(-1, 1)
    if len(shape) != given.ndim or any(size not in (-1, got) for size, got in zip(shape, given.shape)):
        raise BadInput(f"{item.name!r} expects shape {list(shape)}, got {list(given.shape)}", batch.field)
    if item.datatype == "BYTES":
        return _texts(given, place)
    if item.datatype == "BOOL":
        if given.dtype.kind != "b":
            raise BadInput(f"{item.name!r} expects true or false", batch.field)
        return given
    target = np.dtype(DATATYPES[item.datatype])
    if given.dtype == target:
        return np.ascontiguousarray(given)
    if given.dtype.kind not in "biuf":
        given = values.numbers(given, place)
    if item.datatype.startswith(_WHOLE) and given.dtype.kind == "f":
        odd = np.argwhere(~(np.isfinite(given) & (given == np.floor(given))))
        if len(odd):
            where = tuple(int(step) for step in odd[0])
            raise BadInput(f"{values.shown(given[where].item())} is no whole number", place(*where))
    return np.ascontiguousarray(narrowed(given, item.datatype, batch.field))


def _texts(given: Any, place: values.Place) -> Any:
    for index in np.ndindex(given.shape):
        if not isinstance(given[index], str):
            raise BadInput(f"{values.shown(given[index])} is no text", place(*index))
    return given.astype(object)


def _find_odd(item: Tensor, rows: list[Any], place: values.Place) -> None:
    """Of rows that are no rectangle: the first that is not of the model's shape, or not of the first's."""
    wanted = item.shape[1:]
    for index, row in enumerate(rows):
        try:
            got = np.asarray(row).shape
        except (ValueError, OverflowError):
            raise BadInput("its lists differ in length", place(index)) from None
        if len(got) != len(wanted) or any(size not in (-1, length) for size, length in zip(wanted, got)):
            raise BadInput(
                f"{item.name!r} expects rows of shape {list(wanted)}, got {list(got)}", place(index)
            )
        if got != np.asarray(rows[0]).shape:
            raise BadInput(
                f"is of shape {list(got)}, the first row of {list(np.asarray(rows[0]).shape)}", place(index)
            )


def _kind(item: Tensor) -> str:
    if item.datatype in ("BYTES", "BOOL"):
        return "text" if item.datatype == "BYTES" else "boolean"
    return "integer" if item.datatype.startswith(_WHOLE) else "number"


def _schema(item: Tensor, shape: tuple[int, ...]) -> dict[str, Any]:
    if not shape:
        return dict(KINDS[_kind(item)])
    size = {} if shape[0] == -1 else {"minItems": shape[0], "maxItems": shape[0]}
    return {"type": "array", "items": _schema(item, shape[1:]), **size}


def _sample(item: Tensor, shape: tuple[int, ...]) -> Any:
    if not shape:
        return {"text": "text", "boolean": False, "integer": 0, "number": 0.0}[_kind(item)]
    return [_sample(item, shape[1:])] * (1 if shape[0] == -1 else shape[0])
