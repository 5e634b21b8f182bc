"""The few words with the API server that need no kubectl."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

_SECONDS = 10.0


@dataclass(frozen=True)
class Api:
    url: str
    token: str
    certificate: Path

    def ready(self) -> bool:
        """Whether the server says that it is. Raises OSError where it does not speak yet."""
        return self._call("GET", "/readyz") == b"ok"

    def get(self, path: str) -> Any:
        """The object at ``path``; None where there is none. Raises OSError where nobody answers."""
        try:
            return json.loads(self._call("GET", path))
        except HTTPError as error:
            if error.code == 404:
                return None
            raise

    def create(self, path: str, body: dict[str, Any]) -> None:
        """Make an object below ``path``, where there is none of its name."""
        try:
            self._call("POST", path, json.dumps(body).encode())
        except HTTPError as error:
            if error.code != 409:
                raise

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = Request(  # noqa: S310 - the URL is our own
            f"{self.url}{path}",
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        trust = ssl.create_default_context(cafile=str(self.certificate))
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trust))
        answer: bytes = opener.open(request, timeout=_SECONDS).read()
        return answer
