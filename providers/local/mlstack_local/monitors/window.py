"""The captured requests of an endpoint within a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from mlstack_local import captures
from mlstack_local.files import matching
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.monitors import decode
from mlstack_local.monitors.decode import Rows
from mlstack_local.monitors.sample import Sample


@dataclass(frozen=True)
class Window:
    """``table`` has the columns of a capture, oldest first: all requests, or a random part of them."""

    table: pa.Table

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
    names = [path.name for path in matching(folder) if path.is_dir()]
    begin, end = None if since is None else _moment(since), _moment(until)
    sample = Sample()
    seen: set[int] = set()
    for number, name in enumerate(sorted(names, key=lambda name: (-weights.get(name, 0), name)), 1):
        known = frozenset(seen)
        for batch in captures.pieces(folder / name, begin, end):
            ids = [hash(each) for each in batch["request_id"].to_pylist()]
            if known:
                batch = batch.filter(pa.array([each not in known for each in ids], pa.bool_()))
            if number < len(names):
                seen.update(ids)
            sample.add(batch)
    return Window(sample.table().sort_by("time"))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
