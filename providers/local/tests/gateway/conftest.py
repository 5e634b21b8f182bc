"""A real gateway process before small HTTP servers that show what they were sent."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from mlstack_local import ports
from mlstack_local.files import private_folder
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs

KEY = "the-key"


class Backend(http.server.ThreadingHTTPServer):
    """Answers with what it was sent. ``behave`` may do something else instead."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, name: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.name = name
        self.behave: Callable[[Handler], bool] = lambda handler: False
        self.seen: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # tests hang up on purpose

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Backend

    def answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-own", "kept")
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append(self.path)
        if not self.server.behave(self):
            self.answer(
                200,
                {
                    "server": self.server.name,
                    "method": self.command,
                    "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "size": len(body),
                },
            )

    do_GET = do_HEAD = do_POST = do_PUT = handle_any  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Gateway:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.free(str(folder))
        self.config = configs.write(
            folder, configs.Config("digits", self.port, configs.hash_key(KEY), "admin-token")
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "mlstack_local.gateway", str(self.folder), str(self.port)]
        self.process = subprocess.Popen(command)
        assert admin.confirmed(self.config, 120)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(120)

    def set(
        self,
        weights: dict[str, int],
        mirrors: Mapping[str, int] | None = None,
        captures: Mapping[str, configs.Capture] | None = None,
        **deployments: configs.Backend,
    ) -> None:
        changed = replace(
            self.config,
            weights=weights,
            mirrors=mirrors or {},
            captures=captures or {},
            deployments=deployments,
        )
        self.config = configs.write(self.folder, changed)
        assert admin.confirmed(self.config, 120)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path: str = "/", method: str = "POST", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {KEY}", **options.pop("headers", {})}
        return requests.request(method, self.url(path), headers=headers, timeout=120, **options)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    made = Gateway(private_folder(tmp_path_factory.mktemp("stack") / "endpoints" / "digits"))
    yield made
    made.stop()


@pytest.fixture
def backends() -> Iterator[Callable[..., Backend]]:
    made: list[Backend] = []

    def make(name: str, port: int = 0) -> Backend:
        made.append(Backend(name, port))
        return made[-1]

    yield make
    for backend in made:
        backend.close()
