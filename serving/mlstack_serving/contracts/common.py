"""Routes that every contract has."""

from __future__ import annotations

from mlstack_serving import metrics
from mlstack_serving.contracts.route import Route
from mlstack_serving.http import Answer, Request
from mlstack_serving.runtime import Runtime


async def show_metrics(runtime: Runtime, request: Request) -> Answer:
    return Answer(200, runtime.metrics.text(runtime.config.name).encode(), metrics.CONTENT_TYPE)


ROUTES = (Route("GET", "/metrics", show_metrics),)
