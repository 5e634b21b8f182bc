"""A request and an answer, as small as the doors need them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from mlstack.rehearsal import CloudFault

_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
            304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            405: "Method Not Allowed", 409: "Conflict", 412: "Precondition Failed",
            416: "Range Not Satisfiable", 429: "Too Many Requests", 500: "Internal Server Error"}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """``headers`` have lower-case names; ``base`` is the address that the caller used, without a path."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes
    base: str

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Request:
        headers = {
            key[5:].replace("_", "-").lower(): str(value)
            for key, value in environ.items()
            if key[:5] == "HTTP_"
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = str(environ["CONTENT_TYPE"])
        length = int(environ.get("CONTENT_LENGTH") or 0)
        stream = environ["wsgi.input"]
        content = stream.read(length) if length else _chunked(environ, stream)
        host = headers.get("host") or f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}"
        scheme = headers.get("x-forwarded-proto") or environ.get("wsgi.url_scheme", "http")
        query = parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
        path = unquote(str(environ.get("PATH_INFO", "/")).encode("latin-1").decode("utf-8", "replace"))
        return cls(
            str(environ["REQUEST_METHOD"]).upper(),
            path,
            {key: values[0] for key, values in query.items()},
            headers,
            content,
            f"{scheme}://{host}",
        )

    def json(self) -> dict[str, Any]:
        if not self.content:
            return {}
        try:
            value = json.loads(self.content)
        except ValueError as problem:
            raise CloudFault(
                400, "InvalidRequestContent", f"The request content was invalid: {problem}"
            ) from None
        if not isinstance(value, dict):
            raise CloudFault(400, "InvalidRequestContent", "The request content must be an object.")
        return value


def _chunked(environ: Mapping[str, Any], stream: Any) -> bytes:
    """The content of a request that does not tell its length, where the server takes the chunks apart."""
    if str(environ.get("HTTP_TRANSFER_ENCODING", "")).lower() != "chunked" or not environ.get(
        "wsgi.input_terminated"
    ):
        return b""
    content: bytes = stream.read()
    return content


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
        content = json.dumps(value).encode()
        return cls(status, content, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    @classmethod
    def fault(cls, fault: CloudFault) -> Answer:
        """As ARM tells of errors."""
        error = {"error": {"code": fault.code, "message": fault.message}}
        return cls.json(fault.status, error, {"x-ms-failure-cause": "service"})

    def send(self, start: Any, method: str) -> Iterable[bytes]:
        """Answer a WSGI server. A HEAD has no content but its length."""
        headers = {"Content-Length": str(len(self.content)), **self.headers}
        start(
            f"{self.status} {_REASONS.get(self.status, 'Unknown')}", [(k, str(v)) for k, v in headers.items()]
        )
        return [] if method == "HEAD" or self.status in (204, 304) else [self.content]


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
