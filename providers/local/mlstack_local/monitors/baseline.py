"""The table that a monitor compares with: its profile, and a sample of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from mlstack_local import profiles, remote
from mlstack_local.files import matching
from mlstack_local.layout import Layout
from mlstack_local.monitors.columns import Column
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.reading import MeasureFailed
from mlstack_local.profiles import Profile


@dataclass(frozen=True)
class BaselineTable:
    """``table`` is a sample of the rows. ``watched``: features, where the monitor names some."""

    profile: Profile
    table: pa.Table
    watched: Sequence[str] | None = None

    @cached_property
    def features(self) -> list[str]:
        """Names of the columns that a model takes, in their order."""
        return list(self.profile.features)

    @property
    def prediction(self) -> str:
        """Name of the column that answers are compared with."""
        name = self.profile.prediction or self.profile.label
        if name is None:
            raise MeasureFailed(
                "the baseline says of no column that it holds predictions: set columns: {prediction: NAME} "
                "(or label) on the data"
            )
        return name

    def column(self, name: str) -> Column:
        if name not in self.profile.columns:
            known = ", ".join([*self.profile.columns][:20])
            raise MeasureFailed(f"the baseline has no column {name!r}; it has {known}")
        numeric = self.profile.columns[name].type == "numeric"
        held = self.table[name]
        raw = held.cast(pa.float64(), safe=False).to_numpy() if numeric else held.to_pylist()
        return Column.of(name, raw, numeric)

    def bounds(self, name: str) -> tuple[float, float] | None:
        """The least and the greatest number of the whole table; None for categories."""
        held = self.profile.columns[name]
        if held.type != "numeric" or held.min is None or held.max is None:
            return None
        return held.min, held.max

    def chosen(self, *, new: bool = False) -> list[str]:
        """The features that are watched. Of those whose values are mostly ``new`` ones (times and free text)
        only what the monitor names, unless they are asked for."""
        if self.watched is not None:
            return list(self.watched)
        kinds = {"timestamp"} if new else {"timestamp", "text"}
        return [name for name in self.features if self.profile.columns[name].type not in kinds]

    def rows(self, most: int) -> Mapping[str, list[Any]]:
        """Values by column of so many rows, from all over the table."""
        step = max(1, self.table.num_rows // most)
        columns: Mapping[str, list[Any]] = self.table.take(
            np.arange(0, self.table.num_rows, step)[:most]
        ).to_pydict()
        return columns


def load(layout: Layout, definition: Definition) -> BaselineTable:
    """The baseline. Its profile is made by the first reading and kept beside the monitor."""
    baseline = definition.baseline
    assert baseline is not None
    folder = layout.monitor(definition.name) / "baseline"
    file = folder / f"{baseline.version}.json"
    try:
        if remote.is_remote(baseline.uri) and profiles.load(file) is None:
            remote.ensure(baseline.uri, baseline.version)
        source = remote.where(layout.root, baseline.uri, baseline.version)
        profile = profiles.keep(file, source, baseline.columns)
    except (profiles.Unparsable, OSError) as error:
        raise MeasureFailed(f"the baseline {baseline.uri} cannot be read: {error}") from error
    for old in matching(folder, "*.*"):
        if old.stem != file.stem and not old.name.startswith("."):
            old.unlink(missing_ok=True)
    return BaselineTable(profile, profiles.sample(file), definition.features)
