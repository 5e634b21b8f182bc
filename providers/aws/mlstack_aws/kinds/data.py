"""Data: files in the stack's bucket, or where their URI says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.content import fingerprint
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_aws import rights, uploads, uris
from mlstack_aws.arns import lift
from mlstack_aws.errors import deferred, local_path


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.tags:
        build.warn("tags", "files of a bucket have the bucket's own")
    if spec.keep:
        build.warn("keep", "every version stays until the data itself goes: they are not counted")
    if spec.existing is not None:
        return _there(build, spec.existing)
    if is_deferred(spec.path):
        if spec.version is None:
            raise deferred(build, "path", "give a plain path; or, where it is a URI, its version too")
        return _there(build, spec.path)
    if uris.scheme(spec.path) is not None:
        return _there(build, spec.path)
    if spec.version is not None:
        build.warn("version", "the content of a local path is hashed: that is its version")
    made = uploads.upload(build, local_path(build, "path", spec.path), plain=True)
    return {"id": made.uri, "uri": made.uri, "version": made.digest}


def _there(build: Build, given: Any) -> Mapping[str, Any]:
    """What is on S3 already: only read, and the role may."""
    spec = build.spec
    rights.reading(build, given)
    if spec.version is None:
        build.warn(
            "path" if spec.existing is None else "existing",
            "what is at a URI is not looked at: give version, and a new one when it has changed",
        )
    ending = "/" if spec.type == "folder" else ""
    uri = lift(given, lambda text: text if text.endswith("/") else f"{text}{ending}")
    return {"id": uri, "uri": uri, "version": spec.version or lift(given, fingerprint)}
