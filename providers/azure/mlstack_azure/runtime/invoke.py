"""Ask an online endpoint once, as it wants to be asked: by key, by a token of its own, or by our identity."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Answer, Record
from mlstack_azure.arm import Arm
from mlstack_azure.arm.client import is_loopback
from mlstack_azure.runtime import children

#: Azure ML ends a request after 180 s at most.
_READ, _CONNECT = 190, 20
_DEPLOYMENT = "azureml-model-deployment"


def ask(arm: Arm, record: Record, body: bytes, content_type: str, deployment: str | None) -> Answer:
    url = str(record.outputs.get("url") or "")
    if not url:
        raise UsageError(
            f"endpoint {record.name!r} has no address yet", code="not-in-stack", remedy="run `mlstack up`"
        )
    url = reached(arm, record, url)
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {_secret(arm, record)}"}
    if deployment is not None:
        headers[_DEPLOYMENT] = children.deployment(record, deployment)
    if _is_protocol(body, content_type):
        url = _protocol_url(url, record.name)
    return send("POST", url, headers, body, record.name)


def reached(arm: Arm, record: Record, url: str) -> str:
    """Where an endpoint is asked: its address; in a rehearsal the emulated cloud's, never the real name.

    Raises UsageError where the emulated cloud answers for none.
    """
    if not arm.cloud.emulated or is_loopback(url):
        return url
    document = arm.find(children.endpoint_id(record)) or {"properties": {}}
    emulated = str(document["properties"].get("scoringUri") or "")
    if not is_loopback(emulated):
        raise UsageError(
            f"endpoint {record.name!r} is rehearsed: no model answers there",
            code="unsupported",
            remedy="ask the local target's (`--cloud local`), or the real one without --rehearse",
        )
    return emulated


def send(method: str, url: str, headers: dict[str, str], body: bytes | None, name: str) -> Answer:
    """One request to a service of Azure's; its answer whatever the status. Raises TargetError."""
    started = time.perf_counter()
    request = HttpRequest(method, url, headers=headers, content=body)
    try:
        with RequestsTransport(connection_timeout=_CONNECT, read_timeout=_READ) as transport:
            answer = transport.send(request)
            content = answer.read()
            status = answer.status_code
    except AzureError as error:
        raise TargetError(
            f"endpoint {name!r} does not answer: {error}",
            where=url,
            code="endpoint-unreachable",
            remedy="`mlstack status` says how it fares; a private endpoint answers only within its network",
        ) from error
    return Answer(status, _decoded(content), time.perf_counter() - started)


def _secret(arm: Arm, record: Record) -> str:
    key = record.outputs.get("key")
    if key:
        return str(key)
    endpoint = children.endpoint_id(record)
    properties = arm.get(endpoint)["properties"]
    mode = properties.get("authMode")
    if mode == "AMLToken":
        return str(arm.post(f"{endpoint}/token")["accessToken"])
    if mode == "Key":
        return str(arm.post(f"{endpoint}/listKeys")["primaryKey"])
    return arm.token(arm.cloud.ml_audience)


def _is_protocol(body: bytes, content_type: str) -> bool:
    """Whether a body is of the Open Inference Protocol, which has a route of its own."""
    if content_type.partition(";")[0].strip() != "application/json":
        return False
    document = _decoded(body)
    return isinstance(document, dict) and "inputs" in document and "instances" not in document


def _protocol_url(url: str, name: str) -> str:
    """Servers with routes of their own are asked at theirs; the platform's has the one route ``/score``."""
    parts = urlsplit(url)
    if parts.path.rstrip("/").endswith("/score"):
        return url
    return parts._replace(path=f"/v2/models/{name}/infer").geturl()


def _decoded(content: bytes) -> Any:
    try:
        found = json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
    if isinstance(found, str):  # a score script that answers with JSON as text has it wrapped once more
        try:
            return json.loads(found)
        except ValueError:
            return found
    return found
