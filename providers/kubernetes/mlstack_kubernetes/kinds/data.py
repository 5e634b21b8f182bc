"""Data: files of the project, packed; or a place on a volume of the cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.lowering.values import lift
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_kubernetes import sources
from mlstack_kubernetes.bundles import bundle
from mlstack_kubernetes.paths import SCHEME, held


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.existing is not None:
        for field in ("version", "keep", "tags", "columns", "type"):
            if getattr(spec, field):
                build.warn(field, "the volume is there already, and is mounted as it is")
        return _mounted(build, spec.existing, fingerprint)
    if is_deferred(spec.path):
        raise UsageError(
            f"data.{build.name}.path is known only while the program runs; a path is read before that",
            code="deferred-path",
            remedy="give a plain path, or pvc://CLAIM/PATH",
        )
    if spec.keep:
        build.warn("keep", "a version goes with the last pod that refers to it: they are not counted")
    if not spec.path.startswith(SCHEME):
        return _packed(build)
    for field in ("tags", "columns", "type"):
        if getattr(spec, field):
            build.warn(field, "the volume is there already, and is mounted as it is")
    if spec.version is None:
        build.warn(
            "path", "what is on a volume is not looked at: give version, and a new one when it has changed"
        )
    return _mounted(build, spec.path, lambda text: str(spec.version or fingerprint(text)))


def _packed(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.version is not None:
        build.warn("version", "the content of a local path is hashed: that is its version")
    real = "folder" if (build.root / spec.path).is_dir() else "file"
    if spec.type is not None and spec.type != real:
        build.warn("type", f"what is at the path is a {real}")
    made = bundle(build, "path", spec.path, plain=True, annotations=_columns(build))
    sources.leave(build, made)
    return {"id": f"{build.name}@{made.digest}", "uri": None, "version": made.digest}


def _mounted(build: Build, uri: Any, version: Any) -> Mapping[str, Any]:
    found = held(uri)
    sources.leave(build, found)
    return {"id": found.uri, "uri": found.uri, "version": lift(uri, version)}


def _columns(build: Build) -> dict[str, str]:
    """What the columns mean, kept with the files."""
    if build.spec.columns is None:
        return {}
    given = build.spec.columns.model_dump(exclude_none=True)
    return {
        f"mlstack.dev/{name}": value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
    }
