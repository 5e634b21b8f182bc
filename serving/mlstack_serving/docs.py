"""The page to try a model: it says nothing of one by itself, but asks for /openapi.json beside it."""

from __future__ import annotations

from pathlib import Path

CONTENT_TYPE = "text/html; charset=utf-8"
#: Nothing from elsewhere, and in nobody's frame: a key may be typed into it.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page() -> bytes:
    return Path(__file__).with_suffix(".html").read_bytes()
