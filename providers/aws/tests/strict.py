"""A small strict AWS: it answers operations as a test has laid out, and remembers all that it was asked.

That a request fits its operation botocore has seen to; that it is signed, and for the right service, is
checked here. For what moto does not have, or has otherwise than AWS.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """``operation`` is the last word of X-Amz-Target; of a REST interface "METHOD /path"."""

    operation: str
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Says:
    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def refuses(code: str, message: str, status: int = 400) -> Says:
    return Says({"__type": code, "message": message}, status)


Answer = Says | Callable[[Asked], Says]


class Server:
    """``on(operation, *answers)``: one answer after another; the last goes on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        self._answers: dict[str, list[Answer]] = {}
        #: Asked for what has no answer laid out; None from it: nobody expects it.
        self.otherwise: Callable[[Asked], Says | None] = lambda _: None
        self._lock = threading.Lock()

    def on(self, operation: str, *answers: Answer) -> None:
        self._answers[operation] = list(answers)

    def calls(self, operation: str) -> list[Any]:
        """The bodies of what was asked of an operation."""
        return [asked.body for asked in self.asked if asked.operation == operation]

    def answer(self, asked: Asked) -> Says:
        with self._lock:
            self.asked.append(asked)
            if not asked.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
                self.wrong.append(f"{asked.operation}: not signed")
            answers = self._answers.get(asked.operation)
            if not answers:
                if (says := self.otherwise(asked)) is not None:
                    return says
                self.wrong.append(f"{asked.operation}: nobody expects it")
                return refuses("UnknownOperationException", asked.operation)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return answer(asked) if callable(answer) else answer


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of this machine. At its end: no request was wrong."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _all(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            target = headers.get("x-amz-target", "").rpartition(".")[2]
            body = json.loads(raw) if raw and target else raw
            says = server.answer(Asked(target or f"{self.command} {self.path}", body, headers))
            content = says.body if isinstance(says.body, bytes) else json.dumps(says.body or {}).encode()
            self.send_response(says.status)
            for name, value in {"Content-Type": "application/json", **says.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _all  # noqa: N815

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
