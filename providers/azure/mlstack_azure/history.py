"""What only Azure ML's own services know of a run: why it failed, its metrics.

The resource manager's document of a job has no place for either. The services are at the host that the
workspace names in its tracking URI, and take the resource manager's tokens.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from mlstack.errors import MlstackError
from mlstack_azure.arm import Arm, Workspace, last


def reason(arm: Arm, id: str) -> str:
    """Why the run with this ARM id failed, in the platform's words; "" where that cannot be had."""
    workspace = Workspace.of(id)
    host = _host(arm, workspace)
    if host is None:
        return ""
    try:
        details = arm.fetch(f"{host}/history/v1.0{workspace.id}/runs/{last(id)}/details")
    except MlstackError:
        return ""
    error = (details.get("error") or {}).get("error") or {}
    return " ".join(part for part in (error.get("message"), error.get("messageFormat")) if part)[:2000]


def metrics(arm: Arm, id: str) -> dict[str, float]:
    """The last value of each metric that the run with this ARM id has logged by MLflow."""
    workspace = Workspace.of(id)
    host = _host(arm, workspace)
    if host is None:
        return {}
    try:
        found: dict[str, Any] = arm.fetch(
            f"{host}/mlflow/v1.0{workspace.id}/api/2.0/mlflow/runs/get", run_id=last(id)
        )
    except MlstackError:
        return {}
    listed = ((found.get("run") or {}).get("data") or {}).get("metrics") or []
    return {str(metric["key"]): float(metric["value"]) for metric in listed}


def _host(arm: Arm, workspace: Workspace) -> str | None:
    if arm.cloud.emulated:
        return arm.cloud.url
    try:
        document = arm.get(workspace.id)
    except MlstackError:
        return None
    host = urlsplit(str(document["properties"].get("mlFlowTrackingUri") or "")).netloc
    return f"https://{host}" if host else None
