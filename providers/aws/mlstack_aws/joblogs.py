"""What a run has printed, in CloudWatch Logs: one stream for each machine of the run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from mlstack_aws import cloud, runs

_LOOK = 3.0
#: Events of one answer at most.
_PAGE = 10_000


class RunLog:
    """The log of one run, read from where the last reading ended."""

    def __init__(self, logs: Any, sort: runs.Sort, name: str) -> None:
        self._logs, self._group, self._name = logs, sort.log_group, name
        self._read: dict[str, str] = {}

    def more(self) -> Iterator[str]:
        """Lines that came since; of several machines each with its own name before it."""
        streams = self._streams()
        for stream in streams:
            machine = stream.rpartition("/")[2].rpartition("-")[0] or stream
            for line in self._new(stream):
                yield f"{machine}: {line}" if len(streams) > 1 else line

    def _streams(self) -> list[str]:
        with cloud.gone(), cloud.told("logs"):
            pages = self._logs.get_paginator("describe_log_streams").paginate(
                logGroupName=self._group, logStreamNamePrefix=f"{self._name}/"
            )
            return sorted(each["logStreamName"] for page in pages for each in page["logStreams"])
        return []  # the group comes with the account's first run

    def _new(self, stream: str) -> Iterator[str]:
        while True:
            token = self._read.get(stream)
            with cloud.told("logs"):
                page = self._logs.get_log_events(
                    logGroupName=self._group,
                    logStreamName=stream,
                    startFromHead=True,
                    limit=_PAGE,
                    **({"nextToken": token} if token else {}),
                )
            for event in page["events"]:
                yield event["message"].rstrip("\n")
            self._read[stream] = page["nextForwardToken"]
            if page["nextForwardToken"] == token or not page["events"]:
                return


def follow(sagemaker: Any, sort: runs.Sort, name: str, log: RunLog) -> Iterator[str]:
    """What a run prints from where ``log`` has been read to, until it has ended."""
    while True:
        ended = runs.state_of(sort, sort.call(sagemaker, "describe", name)) in runs.ENDED
        yield from log.more()
        if ended:
            return
        time.sleep(0.05 if cloud.emulated() else _LOOK)


def tail(logs: Any, sort: runs.Sort, name: str, count: int) -> str:
    """The last lines for a message; an empty text where they cannot be had."""
    from mlstack.errors import MlstackError

    try:
        return "\n".join(list(RunLog(logs, sort, name).more())[-count:])
    except MlstackError:
        return ""
