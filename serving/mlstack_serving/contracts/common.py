"""Routes that every contract has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlstack_serving import metrics
from mlstack_serving.contracts.route import Route
from mlstack_serving.http import Answer, Request, answer

if TYPE_CHECKING:
    from mlstack_serving.runtime import Runtime


async def show_metrics(runtime: Runtime, request: Request) -> Answer:
    return Answer(200, runtime.metrics.text(runtime.config.name).encode(), metrics.CONTENT_TYPE)


async def show_openapi(runtime: Runtime, request: Request) -> Answer:
    return answer(await runtime.described())


async def show_docs(runtime: Runtime, request: Request) -> Answer:
    """A page that says nothing of the model by itself: it asks for /openapi.json, with a key where needed."""
    page = Path(__file__).parent.parent / "docs.html"
    return Answer(200, page.read_bytes(), "text/html; charset=utf-8", (("content-security-policy", _POLICY),))


_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ROUTES = (
    Route("GET", "/metrics", show_metrics, "Metrics in Prometheus' text format"),
    Route("GET", "/openapi.json", show_openapi, "This description"),
    Route("GET", "/docs", show_docs, "A page to try the model"),
)
