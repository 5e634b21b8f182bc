"""Data: files and folders that are on this machine, or are fetched to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mlstack.spec import Columns, Stack
from mlstack_local import tables
from mlstack_local.remote.uris import is_remote
from mlstack_local.support.common import Refusal, unusable_path

UNSUPPORTED: Mapping[str, str] = {"data.existing": "give the path of a file or folder on this machine"}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, data in stack.data.items():
        if refusal := unusable_path(stack, ("data", name, "path"), data.path):
            yield refusal
        elif isinstance(data.path, str) and not is_remote(data.path) and data.columns is not None:
            yield from _columns(("data", name), stack.root, data.path, data.columns)


def _columns(place: tuple[str, str], root: Path, path: str, columns: Columns) -> Iterator[Refusal]:
    """Columns that the table does not have."""
    if not tables.is_table(root / path):
        yield (
            (*place, "columns"),
            f"{path} is no table, so it has no columns",
            f"leave columns out; tables end in {', '.join(tables.SUFFIXES)}",
        )
        return
    try:
        known = tables.header(root / path)
    except tables.Unparsable as error:
        remedy = "mend the file there; where it is no table, leave out columns"
        yield (*place, "path"), error.shown(root / path, path), remedy
        return
    for field, value in columns.model_dump(exclude_none=True).items():
        for index, column in enumerate(value if isinstance(value, list) else [value]):
            if column not in known:
                message, remedy = tables.lacking(column, known)
                item: tuple[int, ...] = (index,) if isinstance(value, list) else ()
                yield (*place, "columns", field, *item), f"{path} {message}", remedy
