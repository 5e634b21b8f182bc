"""What a run has printed: the files that Azure ML's runtime writes into the workspace's artifact store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack_azure import runs
from mlstack_azure.arm import Arm, Workspace, last
from mlstack_azure.arm.blobs import open_store
from mlstack_azure.arm.client import Transport

_PLACE = re.compile(r"datastores/([^/]+)/(?:paths/)?(.*)$")
#: What the user's own command prints, of one node or of several (std_log_process_0.txt).
_USER = re.compile(r"(?:^|/)user_logs/std_log.*\.txt$")
_LOOK = 3.0


class RunLog:
    """The log of one run, read from where the last reading ended."""

    def __init__(self, arm: Arm, workspace: Workspace, document: Mapping[str, Any]) -> None:
        self._read: dict[str, int] = {}
        datastore, prefix = _place(document)
        self._store = open_store(arm, workspace, datastore)
        self._prefix = prefix.rstrip("/") + "/"

    def more(self) -> Iterator[str]:
        """Whole lines that came since; of several processes each with its file's name before it."""
        listed = self._store.list(f"{self._prefix}user_logs/")
        names = sorted(name for name in listed if _USER.search(name))
        for name in names:
            offset = self._read.get(name, 0)
            if listed[name] <= offset:
                continue
            content = self._store.read_from(name, offset)
            whole = content.rfind(b"\n") + 1
            if not whole:
                continue
            self._read[name] = offset + whole
            yield from self._lines(name, content[:whole], len(names))

    def rest(self) -> Iterator[str]:
        """The last line of each file, where it does not end in a line's end."""
        names = sorted(name for name in self._store.list(f"{self._prefix}user_logs/") if _USER.search(name))
        for name in names:
            content = self._store.read_from(name, self._read.get(name, 0))
            yield from self._lines(name, content, len(names))

    @staticmethod
    def _lines(name: str, content: bytes, files: int) -> Iterator[str]:
        source = name.rpartition("/")[2].removesuffix(".txt")
        for line in content.decode("utf-8", errors="replace").splitlines():
            yield f"{source}: {line}" if files > 1 else line


def lines(arm: Arm, workspace: Workspace, document: Mapping[str, Any]) -> list[str]:
    """All that a run has printed so far."""
    log = RunLog(arm, workspace, document)
    return [*log.more(), *log.rest()]


def follow(arm: Arm, workspace: Workspace, id: str, log: RunLog | None = None) -> Iterator[str]:
    """What a run prints, until it has ended; with ``log`` from where that has been read to."""
    while True:
        document = arm.get(id)
        ended = runs.state_of(document) in runs.ENDED
        if log is None:
            log = RunLog(arm, workspace, document)
        yield from log.more()
        if ended:
            yield from log.rest()
            return
        Transport(arm.cancelled).sleep(0.05 if arm.cloud.emulated else _LOOK)


def tail(arm: Arm, workspace: Workspace, document: Mapping[str, Any], count: int) -> str:
    """The last lines for a message; an empty text where they cannot be had."""
    from mlstack.errors import MlstackError

    try:
        return "\n".join(lines(arm, workspace, document)[-count:])
    except MlstackError:
        return ""


def _place(document: Mapping[str, Any]) -> tuple[str, str]:
    """(datastore, prefix) of a run's artifacts: the output that the platform calls ``default``, and before it
    has named one the place that it takes."""
    output = (document["properties"].get("outputs") or {}).get("default") or {}
    found = _PLACE.search(str(output.get("uri") or ""))
    if found:
        return found[1], found[2]
    return "workspaceartifactstore", f"ExperimentRun/dcid.{last(document['id'])}"
