"""Data: files in the stack's bucket under their content's hash, or where their URI says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_gcp import uris
from mlstack_gcp.kinds.common import local_path, warn_of_keep
from mlstack_gcp.names import labels
from mlstack_gcp.uploads import upload
from mlstack_gcp.values import lift


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.existing is not None:
        return _used(build)
    if not is_deferred(spec.path) and uris.scheme(spec.path) is None:
        return _uploaded(build)
    if spec.tags:
        build.warn("tags", "what is at a URI is somebody else's: it gets no labels")
    warn_of_keep(build)
    return {**_there(build, spec.path), "version": _declared(build)}


def _uploaded(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    warn_of_keep(build)
    if spec.version is not None:
        build.warn("version", "the content of a local path is hashed: that is its version")
    path = local_path(build, "path", spec.path)
    _check_type(build, (build.root / path).is_dir())
    made = upload(build, path, plain=True, labels={**labels(build), **_columns(build)})
    return {"id": made.uri, "uri": made.uri, "version": made.digest}


def _there(build: Build, given: Any) -> dict[str, Any]:
    """What is at a URI: a folder's ends with a slash, as the spec has it or by its type."""
    uri = lift(given, lambda text: f"{text.rstrip('/')}/" if build.spec.type == "folder" else text)
    return {"id": uri, "uri": uri}


def _declared(build: Build) -> str:
    spec = build.spec
    if spec.version is not None:
        return str(spec.version)
    if is_deferred(spec.path):
        raise UsageError(
            f"data.{build.name}.path is known only while the program runs; a path is read before that",
            code="deferred-path",
            remedy="give a plain path; or, where it is a URI, its version too",
        )
    build.warn("path", "what is at a URI is not looked at: give version, and a new one when it has changed")
    return fingerprint(spec.path)


def _used(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    for field in ("version", "keep", "tags"):
        if getattr(spec, field):
            build.warn(field, "the data is there already, and stays as it is")
    found = _there(build, spec.existing)
    return {**found, "version": found["uri"]}


def _check_type(build: Build, is_folder: bool) -> None:
    given, real = build.spec.type, "folder" if is_folder else "file"
    if given is not None and given != real:
        build.warn("type", f"what is at the path is a {real}")


def _columns(build: Build) -> dict[str, str]:
    """What the columns mean, kept with the files."""
    if build.spec.columns is None:
        return {}
    given = build.spec.columns.model_dump(exclude_none=True)
    return {
        f"mlstack-{name}": value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
    }
