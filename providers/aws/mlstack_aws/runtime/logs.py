"""Log lines of endpoints, from CloudWatch's logs.

Source: SageMaker's developer guide, "CloudWatch Logs for Amazon SageMaker AI": a log group for each endpoint,
in it a stream for each variant and instance (`VARIANT/INSTANCE`), and a group for all transform jobs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Record
from mlstack_aws.cloud import AwsFailure, emulated, told
from mlstack_aws.runtime import batch, children
from mlstack_aws.runtime.account import Account

ENDPOINTS = "/aws/sagemaker/Endpoints/"
COMPONENTS = "/aws/sagemaker/InferenceComponents/"
TRANSFORMS = "/aws/sagemaker/TransformJobs"
_LOOK = 5.0
#: Lines that come late are looked for again this far back.
_OVERLAP = 60_000


def no_access_log(record: Record) -> UsageError:
    """SageMaker logs no requests; with data capture it keeps their content."""
    return UsageError(
        f"SageMaker keeps no log of the requests to {record.name!r}",
        code="unsupported",
        remedy="`mlstack metrics` has their numbers; with capture the stack's bucket has their content",
    )


def of_endpoint(
    aws: Account, record: Record, child: str | None, follow: bool, tail: int | None
) -> Iterator[str]:
    """What the containers of deployments print; each line after its deployment's name, where there are
    several."""
    known = children.held(record)
    wanted = [children.deployment(record, child)] if child is not None else list(known)
    places: dict[str, tuple[str, str | None]] = {}
    for name in wanted:
        component = known[name].get("component")
        if component:
            places[name] = (f"{COMPONENTS}{component}", None)
        else:
            variant = children.deployments(record)[name]
            places[name] = (f"{ENDPOINTS}{children.endpoint(record)}", f"{variant}/")
    yield from _lines(aws, record, places, follow, tail)


def of_batch(aws: Account, record: Record, run: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    name = run or batch.newest(aws, record)
    yield from _lines(aws, record, {name: (TRANSFORMS, f"{name}/")}, follow, tail)


def _lines(
    aws: Account,
    record: Record,
    places: dict[str, tuple[str, str | None]],
    follow: bool,
    tail: int | None,
) -> Iterator[str]:
    client = aws.of("logs", record)
    since = dict.fromkeys(places, 0)
    seen: dict[str, set[str]] = {name: set() for name in places}
    first = True
    while True:
        found: list[tuple[int, str]] = []
        for name, (group, prefix) in places.items():
            for event in _events(client, group, prefix, since[name], quiet=not first):
                if event["eventId"] in seen[name]:
                    continue
                seen[name].add(event["eventId"])
                since[name] = max(since[name], int(event["timestamp"]) - _OVERLAP)
                line = str(event["message"]).rstrip("\n")
                found.append((int(event["timestamp"]), f"{name}: {line}" if len(places) > 1 else line))
        found.sort(key=lambda each: each[0])
        yield from (line for _, line in (deque(found, tail) if first else found))
        if not follow:
            return
        first = False
        if aws.cancelled.wait(0.05 if emulated() else _LOOK):
            return


def _events(client: Any, group: str, prefix: str | None, since: int, *, quiet: bool) -> Iterator[Any]:
    request: dict[str, Any] = {"logGroupName": group, "startTime": since}
    if prefix is not None:
        request["logStreamNamePrefix"] = prefix
    try:
        with told(f"log group {group}"):
            for page in client.get_paginator("filter_log_events").paginate(**request):
                yield from page["events"]
    except AwsFailure as failure:
        if not failure.gone:
            raise
        if not quiet:
            raise TargetError(
                f"there is no log {group} yet",
                code="no-log",
                category="user",
                remedy="`mlstack status` says how it fares; SageMaker writes one once a container runs",
            ) from failure
