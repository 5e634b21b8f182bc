"""A service of Google's that says what a test has it say: for figures, which no emulated cloud comes to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

#: (query or body) -> JSON; None is a 404.
Says = Callable[[Mapping[str, Any]], Any]


class Service:
    """By method and path. What is not set is not there."""

    def __init__(self) -> None:
        self._says: dict[tuple[str, str], Says] = {}
        self.url = ""

    def on(self, method: str, path: str, says: Says) -> None:
        self._says[method, path] = says

    def answer(self, method: str, path: str, asked: Mapping[str, Any]) -> Any:
        says = self._says.get((method, path))
        return None if says is None else says(asked)


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def _all(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            asked = {**query, **(json.loads(content) if content else {})}
            said = service.answer(self.command, unquote(parts.path), asked)
            none = {"error": {"code": 404, "status": "NOT_FOUND", "message": f"{parts.path} is not there"}}
            told = json.dumps(none if said is None else said).encode()
            self.send_response(404 if said is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = _all  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    service.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield service
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
