"""Ask an endpoint once, through a port that the API server forwards to one of its pods.

No address of the cluster's has to be reachable, and the server sees the endpoint's own key. (The API server's
proxy would not do: it takes the Authorization header for itself.)
"""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from mlstack.errors import TargetError
from mlstack.runtime import Answer, Record
from mlstack_kubernetes.cluster import Cluster, told
from mlstack_kubernetes.runtime import children

_SECONDS = 300.0


def ask(cluster: Cluster, record: Record, body: bytes, content_type: str, deployment: str | None) -> Answer:
    """The server's own answer, whatever its status."""
    [name] = children.named(record, deployment if deployment is not None else _main(record))
    pod = _ready(cluster, record, name)
    port = next(
        each["containerPort"] for each in pod.raw["spec"]["containers"][0]["ports"] if each["name"] == "http"
    )
    headers = {"Content-Type": content_type, "Accept": "application/json"}
    if key := record.outputs.get("key"):
        headers["Authorization"] = f"Bearer {key}"
    with (
        told(f"requests to {pod.namespace}/{pod.name}"),
        pod.portforward(remote_port=port, local_port="auto") as local,
    ):
        started = time.perf_counter()
        answer = httpx.post(
            f"http://127.0.0.1:{local}/", content=body, headers=headers, timeout=_SECONDS, trust_env=False
        )
        return Answer(answer.status_code, _decoded(answer), time.perf_counter() - started)


def _main(record: Record) -> str:
    """The deployment with the most of the requests."""
    held = record.outputs.get("deployments") or {}
    return str(max(held, key=lambda name: held[name].get("traffic") or 0))


def _ready(cluster: Cluster, record: Record, deployment: str) -> Any:
    for pod in cluster.pods(
        children.namespace(record), f"endpoints.{record.name}", f"{record.name}-{deployment}"
    ):
        conditions = pod.raw.get("status", {}).get("conditions") or ()
        if any(each["type"] == "Ready" and each["status"] == "True" for each in conditions):
            return pod
    raise TargetError(
        f"no pod of deployment {deployment!r} is ready",
        category="transient",
        remedy="`mlstack status` shows what keeps it",
    )


def _decoded(answer: httpx.Response) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError:
        return answer.text
