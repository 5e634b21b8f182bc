"""A run of a job as people are told of it, with the numbers in its output ``metrics``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack.runtime import Run
from mlstack_gcp import cloud
from mlstack_gcp.cloud.transfer import text
from mlstack_gcp.jobs import runs

#: The output of a job that is a file of numbers, and the name of that file in a folder.
_METRICS, _FILE = "metrics", "metrics.json"


def described(run: Any, *, own: bool = False, metrics: bool = True) -> Run:
    """``metrics``: whether the file of numbers is read, which is a request."""
    started = runs.seconds(run.start_time) or runs.seconds(run.create_time)
    ended = runs.seconds(run.end_time)
    state, outputs = runs.state_of(run), runs.outputs(run)
    return Run(
        id=runs.last(run.name),
        status=state,
        outputs=outputs,
        metrics=_numbers(run, outputs) if metrics and state == "succeeded" else {},
        inputs={name: str(value) for name, value in runs.said(run)["inputs"].items()},
        own=own,
        message=run.error.message if state == "failed" else "",
        started=started,
        seconds=ended - started if ended is not None and started is not None else None,
    )


def _numbers(run: Any, outputs: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    uri = (outputs.get(_METRICS) or {}).get("uri", "")
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not name or not uri.startswith("gs://"):
        return {}
    found = text(cloud.bucket(run.name.split("/")[1], bucket), f"{name}{_FILE}" if name[-1] == "/" else name)
    try:
        held = json.loads(found or "{}")
    except ValueError:
        return {}
    numbers = held.items() if isinstance(held, dict) else ()
    return {
        name: float(value)
        for name, value in numbers
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
