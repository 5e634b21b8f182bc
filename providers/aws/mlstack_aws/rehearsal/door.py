"""The HTTP door: what AWS's own clients send, answered by the same cloud as the provider's door."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from mlstack_aws.rehearsal import wire

if TYPE_CHECKING:
    from moto.core.request import Request as MotoRequest

    from mlstack_aws.rehearsal.cloud import Cloud

_HOSTS = {
    "service-quotas": "servicequotas",
    "sagemaker-runtime": "runtime.sagemaker",
    "sagemaker": "api.sagemaker",
    "ecr": "api.ecr",
    "cloudwatch": "monitoring",
    "budgets": "budgets",
    "iam": "iam",
}
#: Of the headers that are told to a client, those that the server itself writes.
_SERVERS = frozenset({"content-length", "connection", "date", "server", "transfer-encoding", "status"})


class Door:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        service, region = scope(environ, self.cloud.region)
        answered = self.cloud.answer(request(environ, service, region, self.cloud), service, region)
        headers = [(k, v) for k, v in answered.headers.items() if k.lower() not in _SERVERS]
        told = next((v for k, v in answered.headers.items() if k.lower() == "content-length"), None)
        head = environ["REQUEST_METHOD"] == "HEAD"
        headers.append(("Content-Length", told if head and told else str(len(answered.body))))
        try:
            phrase = HTTPStatus(answered.status).phrase
        except ValueError:
            phrase = "Unknown"
        start(f"{answered.status} {phrase}", headers)
        return [] if head else [answered.body]


def scope(environ: Mapping[str, Any], usual: str) -> tuple[str, str]:
    """Service and region that a request is signed for; an address that is signed tells them too."""
    text = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2]
    if not text:
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        text = (query.get("X-Amz-Credential") or [""])[0]
    parts = text.split(",")[0].split("/")
    service, region = (parts[3], parts[2]) if len(parts) > 4 else ("s3", usual)
    path = str(environ.get("PATH_INFO", ""))
    if service == "sagemaker" and path.rstrip("/").endswith(("invocations", "async-invocations")):
        service = "sagemaker-runtime"
    return {"monitoring": "cloudwatch", "eventbridge": "events", "servicequotas": "service-quotas"}.get(
        service, service
    ), region


def request(environ: Mapping[str, Any], service: str, region: str, cloud: Cloud) -> MotoRequest:
    """As moto takes it: at the address that the real service has. Read once, kept for the next who asks."""
    kept = environ.get("mlstack.request")
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    headers = {
        key[5:].replace("_", "-").title(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = str(environ["CONTENT_TYPE"])
    headers.pop("Host", None)
    if "aws-chunked" in headers.get("Content-Encoding", ""):
        body = unchunked(body)
        headers["Content-Encoding"] = headers["Content-Encoding"].replace("aws-chunked", "").strip(", ")
        if not headers["Content-Encoding"]:
            del headers["Content-Encoding"]
        headers.pop("X-Amz-Trailer", None)
    headers["Content-Length"] = str(len(body))
    from urllib.parse import quote

    host = _HOSTS.get(service, service)
    where = host if service in ("iam", "budgets") else f"{host}.{region}"
    path = quote(str(environ.get("PATH_INFO", "/")).encode("latin-1"), safe="/~!$&'()*+,;=:@-._")
    query = str(environ.get("QUERY_STRING", ""))
    url = f"https://{where}.amazonaws.com{path}" + (f"?{query}" if query else "")
    made = wire.made_of(str(environ["REQUEST_METHOD"]), url, headers, body, cloud.account)
    if isinstance(environ, dict):
        environ["mlstack.request"] = made
    return made


def unchunked(body: bytes) -> bytes:
    """The content of aws-chunked: each chunk has its size in hex, perhaps with a signature, before it."""
    stream, found = io.BytesIO(body), b""
    while line := stream.readline():
        size = int(line.split(b";")[0].strip() or b"0", 16)
        if not size:
            break
        found += stream.read(size)
        stream.readline()
    return found


def subject(called: wire.Called) -> str:
    """The name of what a call is about."""
    given = called.parameters
    nouns = [
        key
        for key in given
        if key.lower().endswith(("name", "id", "key", "bucket")) and isinstance(given[key], str)
    ]
    wanted = called.operation.lower()
    best = sorted(nouns, key=lambda key: (key.lower().removesuffix("name") not in wanted, nouns.index(key)))
    return str(given[best[0]]) if best else ""
