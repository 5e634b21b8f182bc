"""The captured requests of an endpoint within a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from mlstack_local import captures
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.monitors import decode
from mlstack_local.monitors.decode import Rows

#: Requests that a reading looks at; of more, a random part.
LIMIT = 20_000


@dataclass(frozen=True)
class Window:
    """``table`` has the columns of a capture, oldest first; ``total`` requests there were in all."""

    table: pa.Table
    total: int

    def rows(self, features: Sequence[str] | None, *, refused: bool = False) -> Rows:
        """What was asked, of requests that were answered; with ``refused``, of those found wrong too."""
        found = Rows()
        for row in self.table.select(["status", "request", "content_type"]).to_pylist():
            if 200 <= row["status"] < 300:
                found.add(decode.requests(row["request"], row["content_type"], features))
            elif refused and row["status"] == 400:
                found.bad += 1
        return found

    def predictions(self, name: str) -> Rows:
        """What was answered."""
        found = Rows()
        for row in self.table.select(["status", "response"]).to_pylist():
            if 200 <= row["status"] < 300:
                found.add(decode.answers(row["response"], name))
        return found


def read(layout: Layout, endpoint: str, since: float | None, until: float) -> Window:
    """Requests from ``since`` (None: from the first) to before ``until``, in epoch seconds.

    A request that was copied to another deployment is one request: that of the deployment with more of the
    traffic.
    """
    folder = layout.home / "captures" / endpoint
    config = configs.read(layout.endpoint(endpoint))
    weights = config.weights if config else {}
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    tables: list[pa.Table] = []
    seen: set[str] = set()
    for name in sorted(names, key=lambda name: (-weights.get(name, 0), name)):
        table = captures.read(folder / name, None if since is None else _moment(since), _moment(until))
        ids = table["request_id"].to_pylist()
        if seen:
            table = table.filter(pa.array([each not in seen for each in ids], pa.bool_()))
        seen.update(ids)
        tables.append(table)
    whole = pa.concat_tables([SCHEMA.empty_table(), *tables]).sort_by("time")
    if whole.num_rows <= LIMIT:
        return Window(whole, whole.num_rows)
    chosen = np.random.default_rng(whole.num_rows).choice(whole.num_rows, LIMIT, replace=False)
    return Window(whole.take(np.sort(chosen)), whole.num_rows)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
