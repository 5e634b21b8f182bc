"""Data on this machine: the user's own file or folder, by the hash of its content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack import content
from mlstack.gap import GapResource
from mlstack.program import scope
from mlstack.provider import Build
from mlstack_local.kinds.common import local_path, warn_of, warn_of_tags


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    warn_of(build, ["version"], "the content of a local path is hashed: that is its version")
    path = local_path(build, "path")
    columns = build.spec.columns
    data = GapResource(
        "mlstack:local:Data",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "path": path,
            "version": content.version(build.root / path),
            "type": build.spec.type or ("folder" if (build.root / path).is_dir() else "file"),
            "columns": columns.model_dump(exclude_none=True) if columns else {},
            "baseline": _is_baseline(build),
            "keep": build.spec.keep,
        },
        outputs=("uri",),
        opts=build.opts(),
    )
    version = data.output("version")
    return {
        "id": pulumi.Output.concat(build.name, "@", version),
        "uri": data.output("uri"),
        "version": version,
    }


def _is_baseline(build: Build) -> bool:
    """Whether a monitor of the spec compares with it."""
    stack = scope().stack
    monitors = stack.monitors.values() if stack else ()
    return any(monitor.baseline == f"data.{build.name}" for monitor in monitors)
