"""How Azure's REST interfaces tell of errors, and guard what is there."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.wsgi import Answer, Request


def refusal(fault: CloudFault) -> Answer:
    """As ARM tells of errors."""
    error = {"error": {"code": fault.code, "message": fault.message}}
    return Answer.json(fault.status, error, {"x-ms-failure-cause": "service"})


def etag(value: Any) -> str:
    """A tag of a document's content."""
    text = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
    return f'"0x{hashlib.sha256(text).hexdigest()[:16].upper()}"'


def preconditions(request: Request, tag: str | None) -> None:
    """CloudFault 412: what is there is not what the caller saw. ``tag`` None: nothing is there."""
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted and (tag is None or wanted not in ("*", tag)):
        code = "ConditionNotMet" if request.path.startswith("/blob/") else "PreconditionFailed"
        raise CloudFault(412, code, "The condition specified using HTTP conditional header(s) is not met.")
    if unwanted == "*" and tag is not None and request.method != "GET":
        status, code = (
            (409, "BlobAlreadyExists") if request.path.startswith("/blob/") else (412, "PreconditionFailed")
        )
        raise CloudFault(status, code, "The resource already exists.")
