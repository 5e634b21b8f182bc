"""What a run has printed: entries of Cloud Logging, by the run's number.

Source: Vertex AI, "Monitor and debug training using logs" (resource.type="ml_job").
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from mlstack.errors import MlstackError
from mlstack_gcp import cloud
from mlstack_gcp.jobs import runs

_PAGE = 1000
_LOOK = 3.0


class RunLog:
    """The log of one run, read from where the last reading ended."""

    def __init__(self, name: str) -> None:
        self._project, self._number = name.split("/")[1], runs.last(name)
        self._since = ""
        self._seen: set[str] = set()
        self._tasks: set[str] = set()

    def more(self) -> Iterator[str]:
        """Lines that came since; of several machines each with its name before it."""
        for entry in self._entries():
            time, key = str(entry.get("timestamp", "")), str(entry.get("insertId"))
            if key in self._seen:
                continue
            if time > self._since:
                self._since = time
            self._seen.add(key)
            task = str((entry.get("resource") or {}).get("labels", {}).get("task_name") or "")
            if task == "service":  # what the platform itself says of the run
                continue
            self._tasks.add(task)
            before = f"{task}: " if len(self._tasks) > 1 else ""
            yield from (f"{before}{line}" for line in _text(entry).splitlines())

    def _entries(self) -> Iterator[dict[str, Any]]:
        wanted = f'resource.type="ml_job" AND resource.labels.job_id="{self._number}"'
        if self._since:
            wanted += f' AND timestamp>="{self._since}"'
        asked: dict[str, Any] = {
            "resourceNames": [f"projects/{self._project}"],
            "filter": wanted,
            "orderBy": "timestamp asc",
            "pageSize": _PAGE,
        }
        while True:
            page = cloud.rest("logging", "POST", "/v2/entries:list", json=asked)
            yield from page.get("entries") or ()
            if not page.get("nextPageToken"):
                return
            asked["pageToken"] = page["nextPageToken"]


def follow(name: str, log: RunLog) -> Iterator[str]:
    """What a run prints, until it has ended."""
    pause = threading.Event()
    while True:
        run = runs.get(name)
        ended = run is None or runs.state_of(run) in runs.ENDED
        yield from log.more()
        if ended:
            return
        pause.wait(0.1 if cloud.emulated() else _LOOK)


def tail(name: str, count: int) -> str:
    """The last lines for a message; an empty text where they cannot be had."""
    try:
        return "\n".join([*RunLog(name).more()][-count:])
    except MlstackError:
        return ""


def _text(entry: dict[str, Any]) -> str:
    payload = entry.get("jsonPayload") or {}
    return str(entry.get("textPayload") or payload.get("message") or payload or "")
