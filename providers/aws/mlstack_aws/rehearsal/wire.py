"""AWS's wire: which operation a request means, by botocore's own models, and moto's answer to it."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.awsrequest import AWSPreparedRequest
from moto.core.request import Request as MotoRequest
from moto.core.request import normalize_request
from werkzeug.exceptions import HTTPException

_READS = ("Describe", "List", "Get", "Head", "Lookup", "Search", "BatchGet", "Filter", "Scan", "Query")


@dataclass(frozen=True)
class Called:
    """``service`` by botocore's name; ``parameters`` only of protocols that speak JSON."""

    service: str
    region: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def changing(self) -> bool:
        return not self.operation.startswith(_READS)


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def loader() -> botocore.session.Session:
    """A session that only reads service models."""
    return botocore.session.Session()


@cache
def model(service: str) -> Any:
    return loader().get_service_model(service)


def called(request: MotoRequest, service: str, region: str) -> Called:
    """What a request asks for."""
    content = request.get_data()
    target = str(request.headers.get("X-Amz-Target") or "")
    if target:
        return Called(service, region, target.rpartition(".")[2], _json(content))
    protocol = model(service).metadata["protocol"]
    if protocol in ("query", "ec2"):
        form = parse_qs(content.decode("utf-8", "replace")) if content else {}
        action = (form.get("Action") or request.args.getlist("Action") or [""])[0]
        return Called(service, region, action, {key: values[0] for key, values in form.items()})
    path = request.path
    if service == "s3" and not path.strip("/") and request.method == "GET":
        return Called(service, region, "ListBuckets", {})
    operation, found = _by_path(service, request)
    body = _json(content) if protocol == "rest-json" and "json" in str(request.content_type) else {}
    return Called(service, region, operation, {**body, **found})


def _json(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content) if content else {}
    except ValueError:
        value = {}
    return value if isinstance(value, dict) else {}


def _by_path(service: str, request: MotoRequest) -> tuple[str, dict[str, Any]]:
    """Operation of a REST protocol, and what its path says. The longest template that fits is meant."""
    asked = set(request.args)
    best: tuple[int, str, dict[str, Any]] | None = None
    for method, pattern, needed, operation in _paths(service):
        if method != request.method or not needed <= asked:
            continue
        if "Copy" in operation and "X-Amz-Copy-Source" not in request.headers:
            continue  # a header tells it from the same path's PutObject and UploadPart
        match = pattern.fullmatch(request.path.rstrip("/") or "/")
        if match:
            weight = len(pattern.pattern) + 100 * len(needed)
            if best is None or weight > best[0]:
                best = weight, operation, match.groupdict()
    return (best[1], best[2]) if best else (request.method.title(), {})


@cache
def _paths(service: str) -> tuple[tuple[str, re.Pattern[str], frozenset[str], str], ...]:
    found = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path.rstrip("/") or "/"))
        pattern = re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", pattern)
        needed = frozenset(part.partition("=")[0] for part in query.split("&") if part)
        found.append((http["method"], re.compile(pattern), needed, name))
    return tuple(found)


def by_moto(request: MotoRequest, service: str) -> Answered:
    """moto's answer. It finds the account in a header of its own."""
    parts = urlsplit(request.url)
    clean = f"{parts.scheme}://{parts.netloc}{request.raw_path}"
    handler = next((one for pattern, one in _handlers(service) if pattern.match(clean)), None)
    if handler is None:
        return Answered(404, {}, f"{service} has no {request.path} here".encode())
    try:
        status, headers, body = handler(request, request.raw_url, request.headers)
    except HTTPException as problem:
        status, headers, body = int(problem.code or 400), dict(problem.get_headers()), problem.get_body()
    content = body.encode() if isinstance(body, str) else bytes(body or b"")
    return Answered(int(status), {str(k): str(v) for k, v in headers.items()}, content)


@cache
def _handlers(service: str) -> tuple[tuple[re.Pattern[str], Callable[..., Any]], ...]:
    """moto's functions by the addresses that they answer at, in its own order."""
    urls = importlib.import_module(f"moto.{folder(service)}.urls")
    return tuple(
        (re.compile(path.format(base)), handler)
        for base in urls.url_bases
        for path, handler in urls.url_paths.items()
    )


def folder(service: str) -> str:
    """moto's name of a service."""
    return service.replace("-", "")


def from_botocore(request: AWSPreparedRequest, account: str) -> MotoRequest:
    request.headers["x-moto-account-id"] = account
    return normalize_request(request)


def made_of(method: str, url: str, headers: Mapping[str, str], body: bytes, account: str) -> MotoRequest:
    return MotoRequest.from_primitives(method, url, {**headers, "x-moto-account-id": account}, body)


def error(service: str, status: int, code: str, message: str) -> Answered:
    """A refusal in the form of the service's protocol."""
    protocol = model(service).metadata["protocol"]
    if protocol in ("json", "rest-json"):
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        kind = "application/x-amz-json-1.1" if protocol == "json" else "application/json"
        return Answered(status, {"Content-Type": kind, "x-amzn-ErrorType": code}, body)
    from xml.sax.saxutils import escape

    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if protocol == "rest-xml":
        text = f"<Error>{inner}<RequestId>rehearsal</RequestId></Error>"
    elif protocol == "ec2":
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>rehearsal</RequestID></Response>"
    else:
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type>{inner}</Error>"
            "<RequestId>rehearsal</RequestId></ErrorResponse>"
        )
    return Answered(status, {"Content-Type": "text/xml"}, f'<?xml version="1.0"?>{text}'.encode())
