"""A batch as the table that models of a library are called with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mlstack_serving.batch import Batch, np


def frame(batch: Batch, names: Sequence[str] | None) -> Any:
    """A DataFrame where the columns have names (an array where pandas is absent), else the rows."""
    if not batch.named:
        rows = batch.rows
        if names is None or getattr(rows, "ndim", 0) != 2 or rows.shape[1] != len(names) or not has_pandas():
            return rows
        return import_module("pandas").DataFrame(rows, columns=list(names))
    if has_pandas():
        return import_module("pandas").DataFrame(batch.tensors)
    return np.column_stack(list(batch.tensors.values()))


@cache
def has_pandas() -> bool:
    return find_spec("pandas") is not None
