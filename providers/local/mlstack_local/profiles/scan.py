"""One pass over a table: the statistics of its columns, and a sample of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlstack_local.profiles.columns import Tally, finish
from mlstack_local.profiles.fold import fold
from mlstack_local.profiles.profile import Profile
from mlstack_local.tables import Unparsable, lacking

#: Rows of the sample. It is drawn with a fixed seed, so the same table gives the same one.
SAMPLE_ROWS = 10_000
_SEED = 20_240_229

#: Characters of a text that the sample keeps.
_CHARACTERS = 256


def profile(path: Path, columns: Mapping[str, Any] | None = None) -> Profile:
    """The profile of a table; ``columns`` as in the spec (label, prediction, timestamp, features,
    categorical). Raises `Unparsable`."""
    return scanned(path, columns)[0]


def scanned(path: Path, columns: Mapping[str, Any] | None = None) -> tuple[Profile, Any]:
    """The profile, and the sample as a `pyarrow.Table`: rows in the table's order."""
    columns = columns or {}
    scan = fold(path, _Scan)
    if not scan.tallies:
        raise Unparsable(path, "has no rows")
    for name in named(columns):
        if name not in scan.tallies:
            message, remedy = lacking(name, scan.tallies)
            raise Unparsable(path, message, remedy=remedy)
    sample = scan.sample()
    label, prediction, timestamp = (columns.get(role) for role in ("label", "prediction", "timestamp"))
    taken = {label, prediction, timestamp}
    made = {
        name: finish(
            tally,
            sample.column(name),
            scan.rows,
            categorical=name in (columns.get("categorical") or ()),
            target=name in (label, prediction),
            timestamp=name == timestamp,
        )
        for name, tally in scan.tallies.items()
    }
    features = columns.get("features") or [name for name in made if name not in taken]
    return Profile(scan.rows, made, tuple(features), label, prediction, timestamp), sample


def named(columns: Mapping[str, Any]) -> list[str]:
    """Every column that the spec names."""
    single = [columns[role] for role in ("label", "prediction", "timestamp") if columns.get(role)]
    return [*single, *(columns.get("features") or ()), *(columns.get("categorical") or ())]


class _Scan:
    """A sink: the k rows with the smallest of random keys are a uniform sample, whatever the batches."""

    def __init__(self) -> None:
        self.rows = 0
        self.tallies: dict[str, Tally] = {}
        self._random = np.random.default_rng(_SEED)
        self._kept: list[tuple[Any, Any]] = []
        self._bound = 1.0

    def add(self, batch: Any) -> None:
        for field, column in zip(batch.schema, batch.columns, strict=True):
            self.tallies.setdefault(field.name, Tally()).add(column)
        self.rows += batch.num_rows
        keys = self._random.random(batch.num_rows)
        chosen = np.flatnonzero(keys < self._bound)
        if len(chosen):
            self._kept.append((keys[chosen], _short(batch.take(pa.array(chosen)))))
        if sum(len(keys) for keys, _ in self._kept) > 2 * SAMPLE_ROWS:
            self._prune()

    def sample(self) -> Any:
        self._prune()
        if not self._kept:
            return pa.table({name: pa.nulls(0) for name in self.tallies})
        return self._kept[0][1]

    def _prune(self) -> None:
        if not self._kept:
            return
        keys = np.concatenate([keys for keys, _ in self._kept])
        tables = [
            part if isinstance(part, pa.Table) else pa.Table.from_batches([part]) for _, part in self._kept
        ]
        table = pa.concat_tables(tables, promote_options="permissive").combine_chunks()
        if len(keys) > SAMPLE_ROWS:
            chosen = np.sort(np.argpartition(keys, SAMPLE_ROWS)[:SAMPLE_ROWS])
            keys, table = keys[chosen], table.take(pa.array(chosen))
            self._bound = float(keys.max())
        self._kept = [(keys, table)]


def _short(batch: Any) -> Any:
    columns = [
        pc.utf8_slice_codeunits(column, 0, _CHARACTERS) if pa.types.is_string(column.type) else column
        for column in batch.columns
    ]
    return pa.Table.from_arrays(columns, names=batch.schema.names)
