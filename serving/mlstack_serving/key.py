"""The key that callers have to show, where the server is given one.

How a server fares may be asked without: platforms do, and cannot be told a key.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from mlstack_serving.contracts import Handler, common, health
from mlstack_serving.errors import NotAllowed, UsageError
from mlstack_serving.http import Request

OPEN: frozenset[Handler] = frozenset(
    {health.live, health.ready, health.model_ready, common.show_metrics, common.show_docs}
)
_SCHEME = b"bearer "


def read(file: str | None) -> bytes | None:
    """The key in the file, without white space around it; None where there is no file to read."""
    if file is None:
        return None
    try:
        key = Path(file).read_bytes().strip()
    except OSError as error:
        raise UsageError(f"--key-file {file}: {error.strerror}") from None
    if not key:
        raise UsageError(f"--key-file {file}: it is empty")
    return key


def check(key: bytes, request: Request) -> None:
    """NotAllowed, unless the request shows the key."""
    given = request.headers.get(b"authorization", b"")
    shown = given[len(_SCHEME) :].strip() if given[: len(_SCHEME)].lower() == _SCHEME else b""
    if not hmac.compare_digest(shown, key):
        raise NotAllowed(
            "this needs the endpoint's key: Authorization: Bearer KEY", None, {"www-authenticate": "Bearer"}
        )
