"""Azure ML's custom images, and score scripts as its own inference server runs them.

Source: Azure ML, "Use a custom container" (``inference_config``: liveness, readiness and scoring routes), and
azureml-inference-server-http, whose port, routes and variables are the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlstack_serving.contracts import health
from mlstack_serving.contracts.route import Contract, Route
from mlstack_serving.contracts.rows import predict


def _defaults(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "host": "0.0.0.0",  # noqa: S104  a container's port
        "port": 5001,
        "model": environ.get("AZUREML_MODEL_DIR") or None,
        "live_route": "/live",
        "ready_route": "/ready",
        "predict_route": "/score",
    }
    if entry := environ.get("AZUREML_ENTRY_SCRIPT"):
        script = Path(environ.get("AML_APP_ROOT") or ".") / entry
        found.update(code=str(script.parent), script=script.name)
    return found


CONTRACT = Contract(
    (
        Route("GET", "{live_route}", health.live, "Whether the server lives"),
        Route("GET", "{ready_route}", health.ready, "Whether the model is ready"),
        Route("POST", "{predict_route}", predict, "Predict for rows", "rows"),
        Route("GET", "/", health.live, "Whether the server lives"),
    ),
    _defaults,
)
