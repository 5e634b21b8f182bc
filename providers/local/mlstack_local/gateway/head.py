"""What of a request's head two readers could take differently, or is of another protocol."""

from __future__ import annotations

from mlstack_local.gateway.http import Answer, Headers, Request, refusal


def wrong(request: Request) -> Answer | None:
    """The refusal of a head that the parser lets through and that no worker should see (RFC 9112)."""
    if request.version not in ("1.0", "1.1"):
        return refusal(505, f"this endpoint speaks HTTP/1.1, not HTTP/{request.version}")
    hosts = sum(name == b"host" for name, _ in request.headers)
    if hosts > 1 or (not hosts and request.version == "1.1"):
        return refusal(400, "a request has one header 'Host'")
    coding = request.named.get(b"transfer-encoding")
    if coding is not None and request.version == "1.0":
        return refusal(400, "HTTP/1.0 has no transfer-encoding")
    if coding is not None and coding.strip().lower() != b"chunked":
        return refusal(501, f"the transfer-encoding {coding[:100].decode('latin-1')!r} is not known here")
    if not request.target.startswith(b"/"):
        return refusal(400, f"{request.target[:100].decode('latin-1')!r} is no path of this endpoint")
    if request.named.get(b"upgrade", b"").lower() == b"websocket":
        return refusal(400, "this endpoint answers plain HTTP requests, no websocket")
    return None


def framing(headers: Headers) -> bytes | None:
    """The head of a request with the same body and nothing else; None where there is no body."""
    lines = [b"%s: %s\r\n" % header for header in headers if header[0] in _FRAMING]
    return b"POST / HTTP/1.1\r\n%s\r\n" % b"".join(lines) if lines else None


_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
