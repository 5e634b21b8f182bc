"""Long-running operations: begun by a call, ended by the time that somebody has looked once or twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal.cloud import Cloud, now, number
from mlstack_gcp.rehearsal.refusals import Refused

KIND = "aiplatform:operation"
EMPTY = "google.protobuf.Empty"
_V1 = "google.cloud.aiplatform.v1."
#: The generated clients ask for operations at /ui/ too (rest.py of their services: operations_client).
_PATH = re.compile(r"/(?:v1|ui)/(projects/.+/operations/[^/:]+)(?::(\w+))?")


def begin(
    cloud: Cloud,
    about: str,
    metadata: str,
    response: Mapping[str, Any],
    message: str,
    looks: int | None = None,
) -> dict[str, Any]:
    """An operation about a resource, which answers ``response`` in the end. ``message`` is its type."""
    count = cloud.world.count("operations")
    name = f"{cloud.canonical(about)}/operations/{number(f'operation {count}', 19)}"
    generic = {"createTime": now(), "updateTime": now()}
    document = {
        "name": cloud.numbered(name),
        "metadata": {"@type": f"type.googleapis.com/{metadata}", "genericMetadata": generic},
        "response": {"@type": f"type.googleapis.com/{message}", **response},
        "looks": count % 2 if looks is None else looks,
    }
    cloud.world.put("~operations/" + name, KIND, document)
    return _shown(document, done=False)


def serve(cloud: Cloud, request: Request) -> Answer | None:
    """An answer about an operation; None when the path is none."""
    match = _PATH.fullmatch(request.path)
    if match is None:
        return None
    id = "~operations/" + cloud.canonical(match[1])
    with cloud.world.transaction():
        document = cloud.world.get(id)
        if document is None:
            raise Refused("NOT_FOUND", f"Operation {match[1]} is not found.")
        if request.method == "DELETE":
            cloud.world.remove(id)
            return Answer.json(200, {})
        if match[2] in ("cancel", "wait"):  # to cancel is best effort: what is done already stays
            document["looks"] = -1
        else:
            document["looks"] -= 1
        cloud.world.put(id, KIND, document)
    if match[2] == "cancel":
        return Answer.json(200, {})
    return Answer.json(200, _shown(document, done=document["looks"] < 0))


def vertex(cloud: Cloud, about: str, call: str, response: Mapping[str, Any], message: str) -> dict[str, Any]:
    """An operation of Vertex AI, by the call that began it."""
    metadata = "DeleteOperationMetadata" if call.startswith("Delete") else f"{call}OperationMetadata"
    return begin(cloud, about, _V1 + metadata, response, message if message == EMPTY else _V1 + message)


def _shown(document: Mapping[str, Any], *, done: bool) -> dict[str, Any]:
    hidden = ("looks",) if done else ("looks", "response")
    return {**{key: one for key, one in document.items() if key not in hidden}, "done": done}
