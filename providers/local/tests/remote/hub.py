"""A Hugging Face hub with one model: the few routes that its library asks."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

MODEL = "org/tiny"


class Hub:
    """``files`` is what the model has on its branch main; what was seen of it stays there by its ``commit``.
    ``tags`` name commits; ``asked`` is each request with its Authorization."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self._seen: dict[str, dict[str, bytes]] = {}
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

    @property
    def commit(self) -> str:
        """The commit that main is at."""
        commit = hashlib.sha1(repr(sorted(self.files.items())).encode()).hexdigest()
        self._seen[commit] = dict(self.files)
        return commit

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = urlsplit(request.path).path
        self.asked.append((path, request.headers.get("Authorization")))
        model, _, rest = path.removeprefix("/api/models").partition(f"/{MODEL}")
        verb, _, rest = rest.removeprefix("/").partition("/")
        revision, _, file = rest.partition("/")
        main, revision = self.commit, unquote(revision) or "main"
        commit = {"main": main, **self.tags}.get(revision, revision)
        files = self._seen.get(commit, {})
        headers, content = {"X-Repo-Commit": commit}, b"{}"
        if model or not files:
            headers = {"X-Error-Code": "RevisionNotFound" if not model else "RepoNotFound"}
        elif verb in ("", "revision"):
            content = json.dumps({"id": MODEL, "sha": commit}).encode()
        elif verb == "tree":
            content = json.dumps([self._entry(name, held) for name, held in files.items()]).encode()
        elif verb == "resolve" and file in files:
            content = files[file]
            headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        else:
            headers = {"X-Error-Code": "EntryNotFound"}
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
