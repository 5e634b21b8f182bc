"""A request and an answer of an emulated cloud's REST interface, as small as the doors need them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from mlstack.rehearsal.emulation import CloudFault


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

    def send(self, start: Any, method: str) -> Iterable[bytes]:
        """Answer a WSGI server. A HEAD has no content but its length."""
        headers = {"Content-Length": str(len(self.content)), **self.headers}
        start(f"{self.status} {HTTPStatus(self.status).phrase}", [(k, str(v)) for k, v in headers.items()])
        return [] if method == "HEAD" or self.status in (204, 304) else [self.content]
