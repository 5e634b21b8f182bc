"""What each platform expects of a server, as tables of routes."""

from __future__ import annotations

from mlstack_serving.contracts import common, predictions, v2
from mlstack_serving.contracts.route import Handler, Route

CONTRACTS: dict[str, tuple[Route, ...]] = {
    "v2": v2.ROUTES + predictions.ROUTES + common.ROUTES,
}

__all__ = ["CONTRACTS", "Handler", "Route"]
