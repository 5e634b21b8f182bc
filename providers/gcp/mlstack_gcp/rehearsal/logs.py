"""Cloud Logging: the lines that jobs, builds and containers would write, and who looks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlstack_gcp.rehearsal.cloud import Cloud, Document, now

CONTAINER = "aiplatform.googleapis.com%2Fprediction_container"
#: Source: cloud.google.com/logging/docs/view/logging-query-language.
_EQUAL = re.compile(r'((?:resource\.)?labels\.\w+|resource\.type|logName)\s*=\s*"?([^"\s]+)"?')
_SINCE = re.compile(r'timestamp\s*(>=?)\s*"([^"]+)"')


def write(
    cloud: Cloud,
    log: str,
    type: str,
    resource: Mapping[str, str],
    text: str,
    labels: Mapping[str, str] | None = None,
) -> None:
    """A line about a resource of that type with those labels."""
    count = cloud.world.count("log entries")
    entry = {
        "insertId": f"{count:012d}",
        "logName": f"projects/{cloud.project}/logs/{log}",
        "resource": {"type": type, "labels": {**resource, "project_id": cloud.project}},
        "labels": dict(labels or {}),
        "timestamp": now(),
        "receiveTimestamp": now(),
        "severity": "INFO",
        "textPayload": text,
    }
    cloud.world.put(f"~logs/{count:012d}", "logging:entry", entry)


def entries(cloud: Cloud, asked: Mapping[str, Any]) -> Document:
    """entries:list, by what the filter says to be equal, and the time that it names."""
    text = str(asked.get("filter", ""))
    wanted, since = dict(_EQUAL.findall(text)), _SINCE.search(text)
    found = [entry for _, _, entry in cloud.world.under("~logs/") if _means(entry, wanted)]
    if since:
        time, also = since[2], since[1] == ">="
        found = [one for one in found if one["timestamp"] > time or (also and one["timestamp"] == time)]
    if "desc" in str(asked.get("orderBy", "")):
        found.reverse()
    first, size = int(asked.get("pageToken") or 0), int(asked.get("pageSize") or 50)
    answer: Document = {"entries": found[first : first + size]}
    if first + size < len(found):
        answer["nextPageToken"] = str(first + size)
    return answer


def _means(entry: Document, wanted: Mapping[str, str]) -> bool:
    for path, value in wanted.items():
        there: Any = entry
        for key in path.split("."):
            there = there.get(key, {})
        if there != value:
            return False
    return True
