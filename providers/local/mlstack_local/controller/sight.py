"""What the controller sees of an endpoint at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.totals import Row, Totals


@dataclass(frozen=True)
class Sight:
    """``time`` is monotonic; ``totals`` None: the gateway does not answer. ``busy``: requests by port."""

    time: float
    config: configs.Config
    totals: Totals | None
    number: int = -1
    busy: Mapping[int, int] = field(default_factory=dict)

    @staticmethod
    def of(time: float, config: configs.Config) -> Sight:
        state: dict[str, Any] | None = admin.state(config)
        if state is None:
            return Sight(time, config, None)
        busy = {int(port): count for port, count in state["busy"].items()}
        return Sight(time, config, Totals.of(state), state["number"], busy)

    def rows(self, deployment: str) -> list[Row]:
        """Requests of callers, and copies of others'."""
        if self.totals is None:
            return []
        held = (self.totals.traffic.get(deployment), self.totals.mirrored.get(deployment))
        return [row for row in held if row is not None]
