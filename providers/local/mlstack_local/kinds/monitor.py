"""A monitor on this machine: a definition that the stack's scheduler follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack import content
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec.monitor import METRICS
from mlstack_local.kinds.common import warn_of_tags
from mlstack_local.kinds.job import referred


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    spec = build.spec
    metrics = METRICS.get(spec.signal, ())
    inputs = {
        "stack_uid": build.stack_uid,
        "name": build.name,
        "project": pulumi.get_project(),
        "endpoint": build.outputs("endpoints", spec.endpoint)["id"],
        "signal": spec.signal,
        "threshold": float(spec.threshold),
        "metric": spec.metric or (metrics[0] if metrics else None),
        "baseline": _baseline(build) if spec.baseline is not None else None,
        "features": spec.features,
        "quantile": spec.quantile,
        "code": _code(build) if spec.code is not None else None,
        "every_seconds": float(spec.interval),
        "window_seconds": None if spec.window is None else float(spec.window),
        "min_samples": spec.min_samples,
        "notify": [build.outputs("notifications", name)["id"] for name in spec.notify],
        "running": True,
    }
    monitor = GapResource(
        "mlstack:local:Monitor",
        build.child(),
        {key: value for key, value in inputs.items() if value is not None},
        opts=build.opts(),
    )
    return {"id": monitor.id}


def _baseline(build: Build) -> dict[str, Any]:
    kind, name, *_ = build.spec.baseline.split(".")
    columns = build.spec_of("data", name).columns if kind == "data" else None
    roles = columns.model_dump(exclude_none=True) if columns else {}
    return {**referred(build, build.spec.baseline), "columns": roles}


def _code(build: Build) -> dict[str, str]:
    code = build.spec.code
    if not (build.root / code.dir / code.script).is_file():
        raise UsageError(
            f"monitors.{build.name}: there is no {code.dir}/{code.script}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    return {"path": code.dir, "digest": content.version(build.root / code.dir), "script": code.script}
