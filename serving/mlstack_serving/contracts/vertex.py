"""Vertex AI's custom containers.

Source: Vertex AI, "Custom container requirements for prediction": AIP_HTTP_PORT, AIP_HEALTH_ROUTE,
AIP_PREDICT_ROUTE and AIP_STORAGE_URI; ``{"instances": [...], "parameters": {...}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack_serving.contracts import health
from mlstack_serving.contracts.route import Contract, Route, environ_port
from mlstack_serving.contracts.rows import predict


def _defaults(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "host": "0.0.0.0",  # noqa: S104  a container's port
        "port": environ_port(environ, "AIP_HTTP_PORT", 8080),
        "model": environ.get("AIP_STORAGE_URI") or None,
        "ready_route": environ.get("AIP_HEALTH_ROUTE") or "/health",
        "predict_route": environ.get("AIP_PREDICT_ROUTE") or "/predict",
    }


CONTRACT = Contract(
    (
        Route("GET", "{ready_route}", health.ready, "Whether the model is ready"),
        Route("POST", "{predict_route}", predict, "Predict for rows", "rows"),
    ),
    _defaults,
)
