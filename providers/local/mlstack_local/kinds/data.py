"""Data on this machine: the user's own file or folder by the hash of its content, or fetched from a URI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.program import scope
from mlstack.provider import Build
from mlstack_local.kinds.common import place_of, warn_of_tags


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    path, version = place_of(build, build.spec.type)
    kind = "folder" if path.endswith("/") or (build.root / path).is_dir() else "file"
    columns = build.spec.columns
    data = GapResource(
        "mlstack:local:Data",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "path": path,
            "version": version,
            "type": build.spec.type or kind,
            "columns": columns.model_dump(exclude_none=True) if columns else {},
            "baseline": _is_baseline(build),
            "keep": build.spec.keep,
        },
        outputs=("uri",),
        opts=build.opts(),
    )
    made = data.output("version")
    return {
        "id": pulumi.Output.concat(build.name, "@", made),
        "uri": data.output("uri"),
        "version": made,
    }


def _is_baseline(build: Build) -> bool:
    """Whether a monitor of the spec compares with it."""
    stack = scope().stack
    monitors = stack.monitors.values() if stack else ()
    return any(monitor.baseline == f"data.{build.name}" for monitor in monitors)
