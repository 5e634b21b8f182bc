"""What a model returned, as named outputs (protocol v2) or as one entry per row (predictions)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlstack_serving.batch import np

DEFAULT_OUTPUT = "predict"


def named(result: Any) -> dict[str, Any]:
    """``{output: array}``; rows that are objects of one shape become one output per key."""
    result = _dense(result)
    if isinstance(result, dict):
        return {str(name): _dense(value) for name, value in result.items()}
    if hasattr(result, "columns") and hasattr(result, "to_numpy"):
        return {str(name): result[name].to_numpy() for name in result.columns}
    if isinstance(result, list) and result and isinstance(result[0], dict):
        names = result[0].keys()
        if all(isinstance(row, dict) and row.keys() == names for row in result):
            return {str(name): [row[name] for row in result] for name in names}
    return {DEFAULT_OUTPUT: result}


def rows(result: Any) -> Any:
    """A list with an entry per row: arrays as lists, tables and dicts of arrays as objects."""
    result = _dense(result)
    if hasattr(result, "columns") and hasattr(result, "to_dict"):
        return result.to_dict(orient="records")
    if isinstance(result, dict) and result and np is not None:
        arrays = {name: _dense(value) for name, value in result.items()}
        if all(isinstance(value, np.ndarray) and value.ndim for value in arrays.values()):
            lists = {name: value.tolist() for name, value in arrays.items()}
            if len({len(values) for values in lists.values()}) == 1:
                count = len(next(iter(lists.values())))
                return [{name: values[i] for name, values in lists.items()} for i in range(count)]
    return result.tolist() if hasattr(result, "tolist") else result


def parted(result: Any, counts: Sequence[int]) -> list[Any] | None:
    """The result of a batch, cut into those of its requests, which have ``counts`` rows each; None where it
    has not one entry per row."""
    result = _dense(result)
    if isinstance(result, dict):
        columns = {name: parted(value, counts) for name, value in result.items()}
        if not columns or any(parts is None for parts in columns.values()):
            return None
        return [{name: (parts or [])[i] for name, parts in columns.items()} for i in range(len(counts))]
    is_rows = isinstance(result, list) or hasattr(result, "iloc") or getattr(result, "ndim", 0) > 0
    if not is_rows or len(result) != sum(counts):
        return None
    rows = result.iloc if hasattr(result, "iloc") else result
    ends = [sum(counts[: index + 1]) for index in range(len(counts))]
    return [rows[end - count : end] for end, count in zip(ends, counts)]


def _dense(value: Any) -> Any:
    """Torch tensors and sparse matrices as numpy arrays; all else as it is."""
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    if hasattr(value, "toarray"):
        return value.toarray()
    return value
