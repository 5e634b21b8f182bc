"""What a measure may look at besides its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlstack_local.layout import Layout
from mlstack_local.monitors import window
from mlstack_local.monitors.window import Window


@dataclass(frozen=True)
class Surroundings:
    """``since`` is None where a reading looks at all there is. ``kept``: (time, what a reading kept), the
    oldest first."""

    layout: Layout
    endpoint: str
    since: float | None
    until: float
    kept: Sequence[tuple[float, Mapping[str, Any]]] = ()

    @cached_property
    def window(self) -> Window:
        return window.read(self.layout, self.endpoint, self.since, self.until)
