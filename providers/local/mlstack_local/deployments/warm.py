"""A first request, so that the first of a caller is not the slow one."""

from __future__ import annotations

import http.client
import json
import math
from collections.abc import Mapping
from typing import Any

_MOST_ELEMENTS = 1_000_000
_ZEROS: Mapping[str, Any] = {"BOOL": False, "BYTES": "", "FP16": 0.0, "FP32": 0.0, "FP64": 0.0}


def warm(port: int, model: str, seconds: float) -> str | None:
    """Have a ready worker of mlstack's own server predict once.

    None when it did; else why not: its model does not tell its inputs (a script), or refuses zeros. Neither
    is an error, for the model is loaded.
    """
    try:
        status, metadata = _ask(port, "GET", f"/v2/models/{model}", None, seconds)
        inputs = metadata.get("inputs") if status == 200 else None
        if not inputs:
            return "the model does not tell its inputs"
        tensors = [_zeros(item) for item in inputs]
        if sum(len(tensor["data"]) for tensor in tensors) > _MOST_ELEMENTS:
            return "its inputs are large"
        status, answer = _ask(port, "POST", f"/v2/models/{model}/infer", {"inputs": tensors}, seconds)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        return f"no answer to a request of zeros ({error})"
    return None if status == 200 else f"a request of zeros was answered {status}: {answer.get('error')}"


def _zeros(item: Mapping[str, Any]) -> dict[str, Any]:
    """A tensor of one row; any other size that is left open is 1 too."""
    shape = [max(1, size) for size in item["shape"]]
    count = math.prod(shape)
    data = [_ZEROS.get(item["datatype"], 0)] * min(count, _MOST_ELEMENTS + 1)
    return {"name": item["name"], "datatype": item["datatype"], "shape": shape, "data": data}


def _ask(port: int, method: str, path: str, document: Any, seconds: float) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        body = None if document is None else json.dumps(document)
        connection.request(method, path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        return answer.status, found if isinstance(found, dict) else {}
    finally:
        connection.close()
