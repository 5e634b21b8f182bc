"""KServe's custom predictors: protocol v2 on port 8080, and its v1 beside it.

Source: KServe, "Data Plane" (v1 protocol) and "Custom predictors".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlstack_serving.contracts import health, v2
from mlstack_serving.contracts.route import Contract, Route, environ_port
from mlstack_serving.contracts.rows import predict
from mlstack_serving.http import Answer, Request, answer

if TYPE_CHECKING:
    from mlstack_serving.runtime import Runtime


async def models(runtime: Runtime, request: Request) -> Answer:
    return answer({"models": [runtime.config.name]})


def _defaults(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    # Knative, which may stand below, says where to listen.
    port = environ_port(environ, "PORT", 8080)
    return {"host": "0.0.0.0", "port": port, "model": "/mnt/models"}  # noqa: S104  a container's port


CONTRACT = Contract(
    (
        *v2.PROTOCOL,
        Route("GET", "/v1/models", models, "The models of this server"),
        Route("GET", "/v1/models/{model}", health.model_ready, "Whether the model is ready"),
        Route("POST", "/v1/models/{model}:predict", predict, "Predict for rows", "rows"),
    ),
    _defaults,
)
