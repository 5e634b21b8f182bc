"""Ask an online endpoint once, as who we are to Google.

A body goes to the container as it is (``:rawPredict``), and its answer comes back as it is: ``:predict``
would take JSON with instances alone, and put the answer into an envelope of its own. A server in an image of
one's own is asked at its own paths (``/invoke``).

Source: Vertex AI, "Get online inferences from a custom trained model"; `google.cloud.aiplatform.Endpoint`.
"""

from __future__ import annotations

import json
import time
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Answer, Record
from mlstack_gcp import cloud
from mlstack_gcp.cloud.where import instead
from mlstack_gcp.resources import endpoints
from mlstack_gcp.runtime import children

#: Above the hour that the platform gives an answer at most.
_READ, _CONNECT = 3_660, 20


def ask(record: Record, body: bytes, content_type: str, deployment: str | None) -> Answer:
    name = children.one(record, children.ENDPOINT).id
    own = str(record.outputs.get("url") or "").endswith("/invoke")
    within = ""
    if deployment is not None:
        id = children.deployment(record, deployment)
        if not own:
            raise UsageError(
                "Vertex AI shares out requests by the traffic alone: a deployment cannot be asked by itself",
                code="unsupported",
                remedy=f"set its traffic to 100, or make an endpoint of its own for {deployment!r}",
            )
        within = f"/deployedModels/{id}"
    way = f"{within}/invoke{_path(record.name, body, content_type)}" if own else ":rawPredict"
    return _send(record, f"{_base(record, name)}/v1/{name}{way}", body, content_type)


def _base(record: Record, name: str) -> str:
    """Scheme and host where the endpoint answers."""
    if (other := instead()) is not None:
        return other
    url = str(record.outputs.get("url") or "")
    if url:
        scheme, _, rest = url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"
    found = endpoints.find(name)
    if found is None:
        raise UsageError(f"endpoint {record.name!r} is gone", remedy="`mlstack up` makes it again")
    attached = {
        str(each.private_endpoints.service_attachment)
        for each in found.deployed_models
        if each.private_endpoints.service_attachment
    }
    raise UsageError(
        f"endpoint {record.name!r} is private, and has no address outside of a network",
        code="unsupported",
        remedy="make an address and a forwarding rule in your network for "
        + (", ".join(sorted(attached)) or "the service attachment of its deployments")
        + ", and ask there; or set public: true",
    )


def _path(name: str, body: bytes, content_type: str) -> str:
    """Where a server of one's own is asked: by what the body looks like."""
    document = _decoded(body) if content_type.partition(";")[0].strip() == "application/json" else None
    if isinstance(document, dict) and "messages" in document:
        return "/v1/chat/completions"
    if isinstance(document, dict) and "prompt" in document:
        return "/v1/completions"
    return f"/v2/models/{name}/infer"


def _send(record: Record, url: str, body: bytes, content_type: str) -> Answer:
    import requests

    started = time.perf_counter()
    with cloud.told(url):
        session = cloud.session()
    try:
        with cloud.told(url):
            answer = session.post(
                url, data=body, headers={"Content-Type": content_type}, timeout=(_CONNECT, _READ)
            )
    except TargetError as error:
        if isinstance(error.__cause__, requests.RequestException):
            raise TargetError(
                f"endpoint {record.name!r} does not answer: {error.__cause__}",
                where=url,
                code="endpoint-unreachable",
                remedy="`mlstack status` says how it fares",
            ) from error
        raise
    return Answer(answer.status_code, _decoded(answer.content), time.perf_counter() - started)


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
