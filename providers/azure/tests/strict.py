"""A small strict HTTP server: it answers as a test has laid out, and remembers all that it was asked.

What a client must do on every request (the API version, the token) is checked here, for all tests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "rehearsal"
#: Services beside the resource manager, whose version is in their path, or that have none.
_NO_VERSION = ("/history/", "/mlflow/", "/score", "/v2/", "/jobs")


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Says:
    """An answer. ``body`` is sent as JSON; ``{url}`` in headers is the server's address. ``drop``: the
    connection is closed without one."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False


Answer = Says | Callable[[Asked], Says]


class Server:
    """``on(method, path, *answers)``: one answer after another; the last goes on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = TOKEN
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        #: Asked for what has no answer laid out; None from it: not found.
        self.otherwise: Callable[[Asked], Says | None] = lambda _: None
        self._lock = threading.Lock()

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path.lower()] = list(answers)

    def calls(self, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if (asked.method, asked.path.lower()) == (method, path.lower())]

    def answer(self, asked: Asked) -> Says:
        with self._lock:
            self.asked.append(asked)
            if "api-version" not in asked.query and not asked.path.startswith(_NO_VERSION):
                self.wrong.append(f"{asked.method} {asked.path}: no api-version")
            if asked.headers.get("authorization") != f"Bearer {self.token}":
                self.wrong.append(f"{asked.method} {asked.path}: {asked.headers.get('authorization')}")
            answers = self._answers.get((asked.method, asked.path.lower()))
            if not answers:
                if (says := self.otherwise(asked)) is not None:
                    return says
                return Says(404, {"error": {"code": "ResourceNotFound", "message": f"no {asked.path}"}})
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(asked) if callable(answer) else answer


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of this machine. At its end: no request was wrong."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _all(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            asked = Asked(
                self.command,
                parts.path,
                {key: values[0] for key, values in parse_qs(parts.query).items()},
                {key.lower(): value for key, value in self.headers.items()},
                json.loads(raw) if raw else None,
            )
            says = server.answer(asked)
            if says.drop:
                self.close_connection = True
                return
            content = b"" if says.body is None else json.dumps(says.body).encode()
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value.replace("{url}", server.url))
            if content:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = _all  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
    assert not server.wrong
