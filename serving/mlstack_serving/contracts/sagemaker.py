"""SageMaker's inference containers.

Source: Amazon SageMaker, "Use your own inference code with hosting services": port 8080 (or
SAGEMAKER_BIND_TO_PORT), ``GET /ping`` within 2 s, ``POST /invocations`` within 60 s, the model unpacked in
/opt/ml/model, ``serve`` as the container's argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlstack_serving.contracts import health
from mlstack_serving.contracts.route import Contract, Route, environ_port
from mlstack_serving.contracts.rows import predict

MODEL = "/opt/ml/model"


def _defaults(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    port = environ_port(environ, "SAGEMAKER_BIND_TO_PORT", 8080)
    found: dict[str, Any] = {"host": "0.0.0.0", "port": port, "model": MODEL}  # noqa: S104  a container's port
    folder = Path(given.get("model") or MODEL) / "code"
    scripts = (given.get("script"), environ.get("SAGEMAKER_PROGRAM"), "score.py", "inference.py")
    script = next((name for name in scripts if name and (folder / name).is_file()), None)
    # MLflow keeps modules in a folder of that name too: only a script in it is code that serves.
    if script is not None:
        found.update(code=str(folder), script=script)
    return found


CONTRACT = Contract(
    (
        Route("GET", "/ping", health.ready, "Whether the model is ready"),
        Route("POST", "/invocations", predict, "Predict for rows", "rows"),
    ),
    _defaults,
)
