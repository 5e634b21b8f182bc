"""A server that speaks as Vertex AI's model service does, and takes a request only if its message does.

Each body is parsed as the proto message of its method, unknown fields refused; operations are over at the
second look.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.cloud.aiplatform_v1.types import (
    MergeVersionAliasesRequest,
    Model,
    UploadModelRequest,
)
from google.protobuf import json_format

PARENT = r"/v1/(projects/[^/]+/locations/[^/]+)"


def parsed(message: Any, body: dict[str, Any]) -> Any:
    """The message of a body. ParseError: it has a field that the message has not."""
    return message(json_format.ParseDict(body, message.pb(message()), ignore_unknown_fields=False))


class Models:
    """The registry: name -> versions, each a dict of aliases and the message."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Model]] = {}
        self.sent: list[tuple[str, str]] = []
        self.looks: dict[str, int] = {}
        self.answers: dict[str, dict[str, Any]] = {}

    def upload(self, parent: str, request: UploadModelRequest) -> str:
        name = request.parent_model or f"{parent}/models/{request.model_id}"
        if not request.parent_model and name in self.held:
            raise KeyError(409)
        versions = self.held.setdefault(name, {})
        version = str(max(map(int, versions), default=0) + 1)
        model = Model(request.model)
        model.name, model.version_id = name, version
        if not versions:
            model.version_aliases.append("default")
        versions[version] = model
        return name

    def find(self, name: str) -> Model:
        name, _, version = name.partition("@")
        for id, model in self.held.get(name, {}).items():
            if id == version or (version or "default") in model.version_aliases:
                return model
        raise KeyError(404)


@contextmanager
def serving() -> Iterator[tuple[str, Models]]:
    """(address, what is held)."""
    models = Models()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            path = self.path.partition("?")[0].replace("%40", "@")
            path = path.replace("/ui/", "/v1/", 1)  # where the client library looks for operations
            models.sent.append((self.command, path))
            try:
                self.answer(200, self.route(path, body))
            except KeyError as error:
                status = int(error.args[0])
                word = {404: "NOT_FOUND", 409: "ALREADY_EXISTS", 400: "FAILED_PRECONDITION"}[status]
                self.answer(status, {"error": {"code": status, "status": word, "message": word.lower()}})
            except json_format.ParseError as error:
                told = {"code": 400, "status": "INVALID_ARGUMENT", "message": str(error)}
                self.answer(400, {"error": told})

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def route(self, path: str, body: dict[str, Any]) -> Any:
            if found := re.fullmatch(rf"{PARENT}/models:upload", path):
                name = models.upload(found[1], parsed(UploadModelRequest, body))
                return self.operation(found[1], {"model": name})
            if found := re.fullmatch(rf"{PARENT}/operations/(\w+)", path):
                looks = models.looks[path] = models.looks.get(path, 0) + 1
                begun = {"name": path.removeprefix("/v1/")}
                return {**begun, "done": True, "response": models.answers[found[2]]} if looks > 1 else begun
            name = path.removeprefix("/v1/").partition(":")[0]
            if path.endswith(":listVersions"):
                held = models.held.get(name)
                if held is None:
                    raise KeyError(404)
                return {"models": [json_format.MessageToDict(Model.pb(each)) for each in held.values()]}
            if path.endswith(":mergeVersionAliases"):
                aliases = parsed(MergeVersionAliasesRequest, body).version_aliases
                wanted = models.find(name)
                for each in models.held[wanted.name].values():
                    each.version_aliases = [a for a in each.version_aliases if a not in aliases]
                wanted.version_aliases.extend(aliases)
                return json_format.MessageToDict(Model.pb(wanted))
            if path.endswith(":deleteVersion"):
                model = models.find(name)
                if "default" in model.version_aliases:
                    raise KeyError(400)
                del models.held[model.name][model.version_id]
                return self.operation(name.partition("/models/")[0], {})
            if self.command == "DELETE":
                if models.held.pop(name, None) is None:
                    raise KeyError(404)
                return self.operation(name.partition("/models/")[0], {})
            model = models.find(name)
            if self.command == "PATCH":
                changed = parsed(Model, body)
                model.display_name, model.labels = changed.display_name, changed.labels
            return json_format.MessageToDict(Model.pb(model))

        def operation(self, parent: str, response: dict[str, Any]) -> dict[str, Any]:
            id = str(len(models.sent))
            models.answers[id] = {**(UPLOADED if response else EMPTY), **response}
            return {"name": f"{parent}/operations/{id}"}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", models
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


EMPTY = {"@type": "type.googleapis.com/google.protobuf.Empty"}
UPLOADED = {"@type": "type.googleapis.com/google.cloud.aiplatform.v1.UploadModelResponse"}
