"""An endpoint of Vertex AI behind HTTP, as strict as the interface: each body parses as its message, with no
field that the message lacks, and the platform's refusals are Google's."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from google.cloud.aiplatform_v1 import types
from google.protobuf import json_format

ENDPOINT = "projects/p/locations/europe-west4/endpoints/1234567890"
_MESSAGES = {
    "deployModel": types.DeployModelRequest,
    "undeployModel": types.UndeployModelRequest,
    "mutateDeployedModel": types.MutateDeployedModelRequest,
    "update": types.UpdateEndpointLongRunningRequest,
}
_RESULTS = {
    "deployModel": "DeployModelResponse",
    "undeployModel": "UndeployModelResponse",
    "mutateDeployedModel": "MutateDeployedModelResponse",
}


class Refused(Exception):  # noqa: N818
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Vertex:
    """``endpoint`` is None where it is gone. ``busy``: so many changes are refused, as another goes on."""

    def __init__(self) -> None:
        self.endpoint: types.Endpoint | None = types.Endpoint(name=ENDPOINT, display_name="digits", etag="0")
        self.asked: list[tuple[str, Any]] = []
        self.busy = 0
        self.failing: Refused | None = None
        self.late: types.DeployedModel | None = None

    @property
    def held(self) -> types.Endpoint:
        assert self.endpoint is not None
        return self.endpoint

    @property
    def split(self) -> dict[str, int]:
        return dict(self.held.traffic_split)

    def verbs(self) -> list[str]:
        return [verb for verb, _ in self.asked]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        if "/operations/" in path:
            return self._operation(path)
        if self.endpoint is None:
            raise Refused(404, "NOT_FOUND", f"{path} is not there")
        if method == "GET":
            if self.late is not None:
                self.held.deployed_models.append(self.late)
                self.late = None
            return json_format.MessageToDict(types.Endpoint.pb(self.held))
        verb = "patch" if method == "PATCH" else path.rpartition(":")[2]
        message = types.Endpoint if verb == "patch" else _MESSAGES[verb]
        if verb != "patch":
            body = {"endpoint": ENDPOINT, **(body or {})} if verb != "update" else body
        asked = message.wrap(json_format.ParseDict(body, message.pb(message()), ignore_unknown_fields=False))
        self.asked.append((verb, asked))
        if self.busy:
            self.busy -= 1
            raise Refused(409, "ABORTED", "another operation is under way")
        getattr(self, f"_{verb}")(asked, query)
        if verb == "patch":
            return json_format.MessageToDict(types.Endpoint.pb(self.held))
        self.verb = verb
        return {"name": f"{ENDPOINT}/operations/1", "done": False}

    def _operation(self, path: str) -> Any:
        name = path.removeprefix("/v1/")
        if self.failing is not None:
            error = {"code": 9, "message": str(self.failing)}
            self.failing = None
            return {"name": name, "done": True, "error": error}
        kind = _RESULTS.get(self.verb, "Endpoint")
        return {
            "name": name,
            "done": True,
            "response": {"@type": f"type.googleapis.com/google.cloud.aiplatform.v1.{kind}"},
        }

    def _deployModel(self, asked: Any, query: Mapping[str, str]) -> None:
        model = asked.deployed_model
        assert re.fullmatch(r"[1-9]\d{0,9}", model.id)
        if model.id in {each.id for each in self.held.deployed_models}:
            raise Refused(409, "ALREADY_EXISTS", f"{model.id} is there")
        if self.failing is None:
            name, _, version = model.model.partition("@")
            # the platform writes the project's number
            model.model, model.model_version_id = name.replace("projects/p/", "projects/42/"), version
            self.held.deployed_models.append(model)

    def _undeployModel(self, asked: Any, query: Mapping[str, str]) -> None:
        id = asked.deployed_model_id
        left = [each for each in self.held.deployed_models if each.id != id]
        if left and self.split.get(id):
            raise Refused(400, "FAILED_PRECONDITION", f"{id} has traffic")
        self.held.deployed_models = left
        self.held.traffic_split.pop(id, None)

    def _mutateDeployedModel(self, asked: Any, query: Mapping[str, str]) -> None:
        [found] = [each for each in self.held.deployed_models if each.id == asked.deployed_model.id]
        for path in asked.update_mask.paths:
            field = path.removeprefix("dedicated_resources.")
            assert field in ("min_replica_count", "max_replica_count", "autoscaling_metric_specs")
            setattr(
                found.dedicated_resources, field, getattr(asked.deployed_model.dedicated_resources, field)
            )

    def _update(self, asked: Any, query: Mapping[str, str]) -> None:
        self.held.client_connection_config = asked.endpoint.client_connection_config

    def _patch(self, asked: Any, query: Mapping[str, str]) -> None:
        assert query["updateMask"] == "trafficSplit"
        if asked.etag != self.held.etag:
            raise Refused(409, "ABORTED", "the etag is an old one")
        shares = dict(asked.traffic_split)
        if shares and (
            sum(shares.values()) != 100 or set(shares) - {e.id for e in self.held.deployed_models}
        ):
            raise Refused(400, "INVALID_ARGUMENT", f"{shares} is no split")
        self.held.traffic_split = shares
        self.held.etag = str(int(self.held.etag) + 1)


@contextmanager
def serving(vertex: Vertex) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _all(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            try:
                status, said = 200, vertex.answer(self.command, parts.path, query, json.loads(raw or "null"))
            except Refused as refused:
                status = refused.status
                error = {"code": status, "status": refused.reason, "message": str(refused)}
                said = {"error": error}
            except (AssertionError, json_format.ParseError) as wrong:
                status, said = 400, {"error": {"code": 400, "status": "WRONG", "message": repr(wrong)}}
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _all  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()
