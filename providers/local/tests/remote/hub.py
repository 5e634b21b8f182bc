"""A Hugging Face hub with one model: the few routes that its library asks."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

MODEL = "org/tiny"


class Hub:
    """``files`` is what the model has on its branch main; ``asked`` each request with its Authorization."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                owner.answer(self)

            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = urlsplit(request.path).path
        self.asked.append((path, request.headers.get("Authorization")))
        headers = {"X-Repo-Commit": "a" * 40}
        file = path.removeprefix(f"/{MODEL}/resolve/main/")
        if path == f"/api/models/{MODEL}/revision/main":
            content = json.dumps({"id": MODEL, "sha": "a" * 40}).encode()
        elif path.startswith(f"/api/models/{MODEL}/tree/main"):
            content = json.dumps([self._entry(name, held) for name, held in self.files.items()]).encode()
        elif file in self.files:
            content = self.files[file]
            headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        else:
            content, headers = b"{}", {"X-Error-Code": "RepoNotFound"}
        request.send_response(200 if "X-Repo-Commit" in headers else 404)
        for key, value in {**headers, "Content-Length": str(len(content))}.items():
            request.send_header(key, value)
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(content)

    @staticmethod
    def _entry(name: str, content: bytes) -> dict[str, object]:
        found: dict[str, object] = {"type": "file", "path": name, "size": len(content)}
        digest = hashlib.sha256(content).hexdigest()
        found["oid"] = digest[:40]
        if name.endswith(".safetensors"):
            found["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 134}
        return found
