"""Routes that every contract has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack_serving import docs, metrics
from mlstack_serving.contracts.route import Route
from mlstack_serving.http import Answer, Request, answer

if TYPE_CHECKING:
    from mlstack_serving.runtime import Runtime


async def show_metrics(runtime: Runtime, request: Request) -> Answer:
    return Answer(200, runtime.metrics.text(runtime.config.name).encode(), metrics.CONTENT_TYPE)


async def show_openapi(runtime: Runtime, request: Request) -> Answer:
    return answer(await runtime.described())


async def show_docs(runtime: Runtime, request: Request) -> Answer:
    return Answer(200, docs.page(), docs.CONTENT_TYPE, (("content-security-policy", docs.POLICY),))


ROUTES = (
    Route("GET", "/metrics", show_metrics, "Metrics in Prometheus' text format"),
    Route("GET", "/openapi.json", show_openapi, "This description"),
    Route("GET", "/docs", show_docs, "A page to try the model"),
)
