"""Bodies of captured requests and answers, as rows of named columns.

A body that cannot be read, and a row that does not fit the others, counts as bad; nothing here raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mlstack_serving.errors import BadInput
from mlstack_serving.tables import from_csv, number

from mlstack_local.monitors.columns import Cell

_CODE = re.compile(r"[-+]?0[0-9]")


@dataclass
class Rows:
    """Values by column, each as long as ``count``; ``bad`` rows or bodies besides."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    count: int = 0
    bad: int = 0

    def add(self, other: Rows) -> None:
        """The rows of ``other`` behind these; null where one side lacks a column."""
        for name in self.columns.keys() | other.columns.keys():
            held = self.columns.setdefault(name, [None] * self.count)
            held += other.columns.get(name) or [None] * other.count
        self.count += other.count
        self.bad += other.bad


def requests(body: bytes, content_type: str, features: Sequence[str] | None) -> Rows:
    """The rows of a request. Values without names are the features in their order, by number where those
    are not known."""
    media, _, parameters = content_type.partition(";")
    if media.strip().lower() == "text/csv":
        return _csv(body, parameters, features)
    document = _json(body)
    if isinstance(document, dict) and isinstance(document.get("instances"), list):
        return _instances(document["instances"], features)
    if isinstance(document, dict) and isinstance(document.get("inputs"), list):
        return _tensors(document["inputs"], features)
    return Rows(bad=1)


def answers(body: bytes, name: str) -> Rows:
    """The predictions of an answer as the column ``name``.

    An object gives its member of that name; a list of one gives that one.
    """
    document = _json(body)
    if isinstance(document, dict) and isinstance(document.get("predictions"), list):
        found = [_prediction(item, name) for item in document["predictions"]]
        fit = [item for item in found if item is not _UNFIT]
        return Rows({name: fit}, len(fit), len(found) - len(fit))
    if isinstance(document, dict) and isinstance(document.get("outputs"), list):
        tensors = [item for item in document["outputs"] if isinstance(item, dict)]
        chosen = next((item for item in tensors if item.get("name") == name), None) or next(iter(tensors), {})
        return _tensors([{**chosen, "name": name}], [name]) if chosen else Rows(bad=1)
    return Rows(bad=1)


_UNFIT = object()


def _prediction(item: Any, name: str) -> Any:
    if isinstance(item, Mapping):
        item = item.get(name, _UNFIT)
    while isinstance(item, list) and len(item) == 1:
        item = item[0]
    return _UNFIT if isinstance(item, list | Mapping) else item


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _instances(instances: list[Any], features: Sequence[str] | None) -> Rows:
    if instances and all(isinstance(row, dict) for row in instances):
        names = (
            features if features is not None else list(dict.fromkeys(key for row in instances for key in row))
        )
        return Rows({name: [row.get(name) for row in instances] for name in names}, len(instances))
    return _positional([row if isinstance(row, list) else [row] for row in instances], features)


def _positional(rows: list[list[Any]], features: Sequence[str] | None) -> Rows:
    flat = [_flat(row) for row in rows]
    width = len(features) if features is not None else max(map(len, flat), default=0)
    names = features if features is not None else [str(place) for place in range(width)]
    fit = [row for row in flat if len(row) == width]
    columns = {name: [row[place] for row in fit] for place, name in enumerate(names)}
    return Rows(columns, len(fit), len(flat) - len(fit))


def _flat(row: list[Any]) -> list[Any]:
    """The values of a row: an image is a list of lists."""
    if not any(isinstance(value, list) for value in row):
        return row
    return [each for value in row for each in (_flat(value) if isinstance(value, list) else [value])]


def _tensors(tensors: list[Any], features: Sequence[str] | None) -> Rows:
    """Open Inference Protocol, version 2: tensors with a shape whose first number is the rows."""
    columns: dict[str, list[Any]] = {}
    unnamed = len(tensors) == 1
    for tensor in tensors:
        try:
            data, count = _flat(tensor["data"]), int(tensor["shape"][0])
            width = int(np.prod(tensor["shape"][1:], dtype=int))
            if len(data) != count * width:
                return Rows(bad=1)
            rows = [data[place * width : (place + 1) * width] for place in range(count)]
            name = str(tensor["name"])
        except (KeyError, TypeError, ValueError, IndexError):
            return Rows(bad=1)
        if width != 1 or (unnamed and features is not None and name not in features):
            return _positional(rows, features) if unnamed else Rows(bad=1)
        columns[name] = [row[0] for row in rows]
    counts = {len(values) for values in columns.values()}
    if len(counts) != 1:
        return Rows(bad=1)
    count = counts.pop()
    if features is not None:
        columns = {name: columns.get(name) or [None] * count for name in features}
    return Rows(columns, count)


def _csv(body: bytes, parameters: str, features: Sequence[str] | None) -> Rows:
    given = [part.partition("=") for part in parameters.split(";")]
    header = next((value.strip() for key, _, value in given if key.strip().lower() == "header"), None)
    try:
        batch = from_csv(body, features, header, typed=False)
    except BadInput:
        return Rows(bad=1)
    if not batch.named:
        return _positional([[_cell(value) for value in row] for row in batch.rows], features)
    columns = {name: [_cell(value) for value in values] for name, values in batch.tensors.items()}
    count = len(next(iter(columns.values())))
    if features is not None:
        columns = {name: columns.get(name, [None] * count) for name in features}
    return Rows(columns, count)


def _cell(value: Any) -> Any:
    """A number where the cell reads like one. 007 may be a code: what it is depends on its column."""
    if value is None:
        return None
    found = None if _CODE.match(value) else number(value)
    return Cell(value) if found is None or found != found else found
