"""Jobs of a workspace behind the strict server: submitted, going on, cancelled, listed, deleted."""

from __future__ import annotations

from typing import Any

from providers.azure.tests.strict import Asked, Says, Server

DONE = ("Queued", "Running", "Completed")
FAILS = ("Running", "Failed")


class Jobs:
    """``plans``: for each submission in turn the states that a run goes through, one with each look at it;
    the last plan and the last state stay."""

    def __init__(self, server: Server, workspace: str, *plans: tuple[str, ...]) -> None:
        self.home = f"{workspace}/jobs"
        self.plans = list(plans or (DONE,))
        self.documents: dict[str, dict[str, Any]] = {}
        self.left: dict[str, list[str]] = {}
        self.cancelled: list[str] = []
        self.puts: list[str] = []
        server.otherwise = self.answer

    def answer(self, asked: Asked) -> Says | None:
        if asked.path == self.home and asked.method == "GET":
            return self._list(asked)
        if not asked.path.startswith(f"{self.home}/"):
            return None
        name, _, action = asked.path.removeprefix(f"{self.home}/").partition("/")
        if asked.method == "PUT":
            return self._put(name, asked.body)
        document = self.documents.get(name)
        if document is None:
            return None
        if action == "cancel":
            self.cancelled.append(name)
            self.left[name] = ["Canceled"]
            return Says(200)
        if asked.method == "DELETE":
            if document["properties"]["status"] not in ("Completed", "Failed", "Canceled"):
                return Says(409, {"error": {"code": "Conflict", "message": "it is running"}})
            del self.documents[name]
            return Says(200)
        states = self.left[name]
        document["properties"]["status"] = states.pop(0) if len(states) > 1 else states[0]
        return Says(body=document)

    def _list(self, asked: Asked) -> Says:
        tag = asked.query.get("tag")
        found = [
            document
            for document in self.documents.values()
            if tag is None or tag in (document["properties"].get("tags") or {})
        ]
        return Says(body={"value": found})

    def _put(self, name: str, body: Any) -> Says:
        self.puts.append(name)
        if name in self.documents:
            return Says(200, self.documents[name])
        plan = self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]
        self.left[name] = list(plan)
        place = f"azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.{name}"
        outputs = {
            **(body["properties"].get("outputs") or {}),
            "default": {"jobOutputType": "uri_folder", "uri": place},
        }
        self.documents[name] = {
            "id": f"{self.home}/{name}",
            "name": name,
            "systemData": {"createdAt": f"2026-11-26T11:00:{len(self.puts):02d}.1234567+00:00"},
            "properties": {
                **body["properties"],
                "outputs": outputs,
                "status": "NotStarted",
                "services": {"Studio": {"endpoint": f"https://ml.azure.com/runs/{name}"}},
            },
        }
        return Says(201, self.documents[name])
