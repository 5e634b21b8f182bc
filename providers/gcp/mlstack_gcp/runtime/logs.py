"""Log lines of endpoints, from Cloud Logging: what containers print, and the requests where they are logged.

Source: Vertex AI, "Use online inference logging": the logs aiplatform.googleapis.com/prediction_container and
prediction_access of the resource aiplatform.googleapis.com/Endpoint; of batch jobs the resource is a
``ml_job``, as of others.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import Record, Site
from mlstack_gcp import cloud
from mlstack_gcp.runtime import batch, children

_PAGE = 1000
_LOOK = 3.0
_CONTAINER = "aiplatform.googleapis.com%2Fprediction_container"
_ACCESS = "aiplatform.googleapis.com%2Fprediction_access"


class Entries:
    """The entries of a log that fit a filter, read from where the last reading ended."""

    def __init__(self, project: str, wanted: str) -> None:
        self._project, self._wanted = project, wanted
        self._since = ""
        self._seen: set[str] = set()

    def more(self) -> Iterator[Mapping[str, Any]]:
        for entry in self._pages():
            key = str(entry.get("insertId"))
            if key not in self._seen:
                self._seen.add(key)
                self._since = max(self._since, str(entry.get("timestamp", "")))
                yield entry

    def _pages(self) -> Iterator[Mapping[str, Any]]:
        since = f' AND timestamp>="{self._since}"' if self._since else ""
        asked: dict[str, Any] = {
            "resourceNames": [f"projects/{self._project}"],
            "filter": self._wanted + since,
            "orderBy": "timestamp asc",
            "pageSize": _PAGE,
        }
        while True:
            page = cloud.rest("logging", "POST", "/v2/entries:list", json=asked)
            yield from page.get("entries") or ()
            if not page.get("nextPageToken"):
                return
            asked["pageToken"] = page["nextPageToken"]


def of_endpoint(
    record: Record, child: str | None, follow: bool, tail: int | None, access: bool
) -> Iterator[str]:
    """Each line after its deployment's name, where there are several."""
    endpoint = children.one(record, children.ENDPOINT).id
    project, number = endpoint.split("/")[1], endpoint.rpartition("/")[2]
    names = {str(held.get("id")): name for name, held in children.deployments(record).items()}
    wanted = (
        f'logName="projects/{project}/logs/{_ACCESS if access else _CONTAINER}" AND '
        'resource.type="aiplatform.googleapis.com/Endpoint" AND '
        f'resource.labels.endpoint_id="{number}"'
    )
    if child is not None:
        id = children.deployment(record, child)
        wanted += f' AND {"jsonPayload.deployedModelId" if access else "labels.deployed_model_id"}="{id}"'

    def lines(entry: Mapping[str, Any]) -> Iterator[str]:
        if access:
            yield _request(entry, names)
            return
        id = str((entry.get("labels") or {}).get("deployed_model_id") or "")
        before = f"{names.get(id, id)}: " if child is None and len(names) > 1 else ""
        yield from (f"{before}{line}" for line in _text(entry).splitlines())

    entries = Entries(project, wanted)
    found = _lines(entries, lines, follow, tail, lambda: False)
    return _or_told(found, record) if access and not follow else found


def of_batch(site: Site, record: Record, run: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    """What the containers of a run print: the run that is named, else the newest."""
    name = batch.named(record, run) if run is not None else batch.newest(site, record)
    project, number = name.split("/")[1], name.rpartition("/")[2]
    entries = Entries(project, f'resource.type="ml_job" AND resource.labels.job_id="{number}"')

    def lines(entry: Mapping[str, Any]) -> Iterator[str]:
        yield from _text(entry).splitlines()

    return _lines(entries, lines, follow, tail, lambda: batch.has_ended(name))


def _lines(
    entries: Entries,
    lines: Callable[[Mapping[str, Any]], Iterator[str]],
    follow: bool,
    tail: int | None,
    ended: Callable[[], bool],
) -> Iterator[str]:
    yield from deque((line for entry in entries.more() for line in lines(entry)), tail)
    pause = threading.Event()
    while follow:
        over = ended()
        yield from (line for entry in entries.more() for line in lines(entry))
        if over:
            return
        pause.wait(0.1 if cloud.emulated() else _LOOK)


def _or_told(lines: Iterator[str], record: Record) -> Iterator[str]:
    """The requests; where there are none, how they come to be logged."""
    none = True
    for line in lines:
        none = False
        yield line
    if none:
        raise UsageError(
            f"no request to {record.name!r} is in Cloud Logging",
            code="no-log",
            remedy="Vertex AI logs requests where settings.gcp.access_log is true, at a price for each; "
            "`mlstack metrics` has their numbers",
        )


def _request(entry: Mapping[str, Any], names: Mapping[str, str]) -> str:
    payload = dict(entry.get("jsonPayload") or {})
    id = str(payload.get("deployedModelId") or payload.get("deployed_model_id") or "")
    return json.dumps(
        {"time": entry.get("timestamp"), "deployment": names.get(id, id), **payload}, sort_keys=True
    )


def _text(entry: Mapping[str, Any]) -> str:
    payload = entry.get("jsonPayload") or {}
    return str(entry.get("textPayload") or payload.get("message") or payload or "")
