"""The serving runtime: its files, which go beside a user's own code, and its variables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import mlstack_serving

from mlstack.spec import Deployment

_SERVING = Path(mlstack_serving.__file__).parent


@cache
def runtime() -> Mapping[str, Path]:
    """The files of the serving runtime by their names in the upload (``mlstack_serving/app.py``)."""
    return {
        f"mlstack_serving/{path.relative_to(_SERVING).as_posix()}": path
        for path in sorted(_SERVING.rglob("*"))
        if path.is_file() and path.suffix in (".py", ".html")
    }


def settings(spec: Deployment) -> dict[str, str]:
    """A deployment's limits and batching as the runtime's variables (`mlstack_serving.config`)."""
    found: dict[str, str] = {}
    limits, batching = spec.limits, spec.batching
    if limits is not None and limits.concurrency is not None:
        found["MLSTACK_CONCURRENCY"] = str(limits.concurrency)
    if limits is not None and limits.queue is not None:
        found["MLSTACK_QUEUE"] = str(limits.queue)
    if limits is not None and limits.body is not None:
        found["MLSTACK_MAX_BODY"] = str(limits.body.bytes)
    if batching is not None:
        found["MLSTACK_BATCH_SIZE"] = str(batching.size)
        found["MLSTACK_BATCH_WAIT"] = f"{batching.wait * 1000:g}"
    return found
